package org.skerry.dht;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.record.ValueRecord;
import org.skerry.dht.routing.Lookup;
import org.skerry.dht.wire.KadMessage;
import org.skerry.dht.wire.Timestamps;
import org.skerry.libp2p.PeerId;

/** Reads the join of what a key's holders have, and tells those that had less of it. */
public final class Get extends Steps {
  private final Kademlia node;
  private final Holders holders;
  private final byte[] key;
  private final ValueQuery query;
  private final boolean heldBefore;

  static Get of(Kademlia node, byte[] key, long nowMs) {
    ValueQuery query = new ValueQuery(node.values(), key, node.config().quorum());
    Optional<ValueRecord> own = node.values().get(key, nowMs);
    own.ifPresentOrElse(
        held -> query.value(node.self(), held.value(), held.publishedMs(), nowMs),
        () -> query.none(node.self()));
    Search search =
        node.search(
            KadMessage.of(KadMessage.Type.GET_VALUE, key),
            (from, reply, atMs) -> {
              take(node, query, key, from, reply, atMs);
              return !query.quorumReached();
            });
    if (query.quorumReached()) {
      search.timeUp();
    }
    return new Get(node, new Holders(node, search), key, query, own.isPresent());
  }

  private Get(Kademlia node, Holders holders, byte[] key, ValueQuery query, boolean heldBefore) {
    super(holders);
    this.node = node;
    this.holders = holders;
    this.key = key.clone();
    this.query = query;
    this.heldBefore = heldBefore;
  }

  private static void take(
      Kademlia node, ValueQuery query, byte[] key, PeerId from, KadMessage reply, long nowMs) {
    Optional<KadMessage.Record> record = reply.record();
    if (record.isEmpty()) {
      query.none(from);
      return;
    }
    if (!Arrays.equals(record.get().key(), key)) {
      node.counters()
          .rejected(
              from,
              new Rejection(
                  Rejection.Reason.INCOMPLETE, "GET_VALUE answered with another key's record"));
      return;
    }
    long publishedMs = Timestamps.parse(record.get().timeReceived()).orElse(nowMs);
    query
        .value(from, record.get().value(), publishedMs, nowMs)
        .ifPresent(rejection -> node.counters().rejected(from, rejection));
  }

  /** Asks those of a region too, and then brings the result to the holders that did not have it. */
  @Override
  @Nullable Operation after(Operation done, long nowMs) {
    if (done == holders && !isHurried() && !holders.notAsked().isEmpty()) {
      KadMessage request = KadMessage.of(KadMessage.Type.GET_VALUE, key);
      return new Tell(
          node.peers(),
          holders.notAsked(),
          peer -> request,
          (from, reply) -> {
            take(node, query, key, from, reply, nowMs);
            return true;
          });
    }
    Optional<byte[]> best = query.best();
    if (best.isPresent()) {
      if (heldBefore || holders.includeSelf()) {
        node.values()
            .put(node.self(), key, best.get(), query.publishedMs(), nowMs)
            .ifPresent(node.counters()::rejected);
      }
      List<PeerId> outdated = query.outdated(holders.peers());
      if (!outdated.isEmpty()) {
        inBackground(new Repair(outdated));
      }
    }
    return null;
  }

  /** What was found so far. */
  public Optional<byte[]> best() {
    return query.best();
  }

  /** How the peers nearest to the key were found. */
  public Lookup lookup() {
    return holders.lookup();
  }

  private final class Repair extends Steps {
    Repair(List<PeerId> outdated) {
      super(Put.tell(node, outdated, key, query.best().orElseThrow(), query.publishedMs()));
    }

    @Override
    @Nullable Operation after(Operation done, long nowMs) {
      if (done instanceof Tell told) {
        told.took().forEach(holder -> node.counters().count("repaired"));
      }
      return null;
    }
  }
}
