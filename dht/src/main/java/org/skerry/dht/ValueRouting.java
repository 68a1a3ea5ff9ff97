package org.skerry.dht;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.record.ValueRecord;
import org.skerry.dht.record.ValueRecords;
import org.skerry.dht.routing.Lookup;
import org.skerry.dht.wire.KadMessage;
import org.skerry.dht.wire.Timestamps;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.PeerId;

/** Puts, gets, repairs and republishes values. Thread-safe. */
final class ValueRouting {
  private final DhtNode node;
  private final ValueRecords records;
  private final PeerId self;

  ValueRouting(DhtNode node) {
    this.node = node;
    this.records = node.valueRecords();
    this.self = node.host().peerId();
  }

  PutResult put(byte[] key, byte[] value) {
    Optional<Rejection> refusal = records.validate(self, key, value);
    if (refusal.isPresent()) {
      return new PutResult(0, 0, refusal);
    }
    long nowMs = node.nowMs();
    byte[] joined =
        records
            .get(key, nowMs)
            .map(held -> records.merge(key, held.value(), value))
            .orElseGet(value::clone);
    try {
      return store(key, joined, nowMs);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new PutResult(0, 0, Optional.empty());
    }
  }

  /** Brings a value to the peers nearest to its key, this node among them where it is one. */
  private PutResult store(byte[] key, byte[] value, long publishedMs) throws InterruptedException {
    Lookup lookup = node.lookup(key);
    List<PeerId> holders = lookup.closest();
    int stored = send(key, value, publishedMs, holders);
    int asked = holders.size();
    if (node.isHolder(lookup)) {
      asked++;
      Optional<Rejection> full = records.put(self, key, value, publishedMs, node.nowMs());
      stored += full.isEmpty() ? 1 : 0;
    }
    return new PutResult(stored, asked, Optional.empty());
  }

  private int send(byte[] key, byte[] value, long publishedMs, List<PeerId> holders)
      throws InterruptedException {
    KadMessage request =
        KadMessage.of(KadMessage.Type.PUT_VALUE, key)
            .withRecord(new KadMessage.Record(key, value, Timestamps.format(publishedMs)));
    return node.toAll(holders, holder -> sendTo(holder, request)).size();
  }

  private void sendTo(PeerId holder, KadMessage request) throws Libp2pException {
    KadMessage reply = node.client().ask(holder, request);
    byte[] sent = request.record().orElseThrow().value();
    if (reply.record().filter(record -> Arrays.equals(record.value(), sent)).isEmpty()) {
      throw new Libp2pException(
          Libp2pException.Reason.PROTOCOL_VIOLATION,
          "peer " + holder.shortText() + " did not confirm the value it was to store");
    }
  }

  Optional<byte[]> get(byte[] key, Duration timeout) {
    ValueQuery query = new ValueQuery(records, key, node.config().quorum());
    Optional<ValueRecord> own = records.get(key, node.nowMs());
    own.ifPresentOrElse(
        held -> query.value(self, held.value(), held.publishedMs(), node.nowMs()),
        () -> query.none(self));
    if (query.quorumReached()) {
      return query.best();
    }
    try {
      Lookup lookup =
          node.lookups()
              .run(
                  KadMessage.of(KadMessage.Type.GET_VALUE, key),
                  timeout,
                  (from, reply) -> {
                    take(query, key, from.peer(), reply);
                    return !query.quorumReached();
                  });
      boolean holder = node.isHolder(lookup) || own.isPresent();
      node.inBackground(() -> repair(key, query, lookup.closest(), holder));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return query.best();
  }

  private void take(ValueQuery query, byte[] key, PeerId from, KadMessage reply) {
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
    long nowMs = node.nowMs();
    long publishedMs = Timestamps.parse(record.get().timeReceived()).orElse(nowMs);
    query
        .value(from, record.get().value(), publishedMs, nowMs)
        .ifPresent(rejection -> node.counters().rejected(from, rejection));
  }

  /** Read repair: the result goes to those of the nearest peers that did not have it. */
  private void repair(byte[] key, ValueQuery query, List<PeerId> closest, boolean selfHolds) {
    Optional<byte[]> best = query.best();
    if (best.isEmpty()) {
      return;
    }
    if (selfHolds) {
      records
          .put(self, key, best.get(), query.publishedMs(), node.nowMs())
          .ifPresent(node.counters()::rejected);
    }
    try {
      int repaired = send(key, best.get(), query.publishedMs(), query.outdated(closest));
      for (int i = 0; i < repaired; i++) {
        node.counters().count("repaired");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Passes a held value on to the peers that are nearest to its key now. */
  void republish(byte[] key) throws InterruptedException {
    Optional<ValueRecord> held = records.get(key, node.nowMs());
    if (held.isPresent()) {
      Lookup lookup = node.lookup(key);
      send(key, held.get().value(), held.get().publishedMs(), lookup.closest());
      records.republished(key, node.nowMs());
      node.counters().count("republished");
    }
  }
}
