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
  private final Search search;
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
    return new Get(node, search, key, query, own.isPresent());
  }

  private Get(Kademlia node, Search search, byte[] key, ValueQuery query, boolean heldBefore) {
    super(search);
    this.node = node;
    this.search = search;
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

  /** Read repair: the result goes to those of the nearest peers that did not have it. */
  @Override
  @Nullable Operation after(Operation done, long nowMs) {
    Optional<byte[]> best = query.best();
    if (best.isPresent()) {
      if (heldBefore || node.isHolder(search.lookup())) {
        node.values()
            .put(node.self(), key, best.get(), query.publishedMs(), nowMs)
            .ifPresent(node.counters()::rejected);
      }
      List<PeerId> outdated = query.outdated(search.lookup().closest());
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
    return search.lookup();
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
