package org.skerry.dht;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.skerry.dht.record.ProviderRecords;
import org.skerry.dht.record.RefusalLedger;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.wire.KadMessage;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.PeerId;

/** Events counted by name, and what peers were refused for. Thread-safe. */
final class Counters {
  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();
  private final RefusalLedger refusals = new RefusalLedger();

  void inbound(KadMessage.Type type) {
    count("inbound." + lower(type));
  }

  void outbound(KadMessage.Type type) {
    count("outbound." + lower(type));
  }

  /** A request of this node got no answer. */
  void outboundFailed(Libp2pException.Reason reason) {
    count("outbound.failed." + lower(reason));
  }

  /** Something was not accepted that this node had put together itself. */
  void rejected(Rejection rejection) {
    count("rejected." + lower(rejection.reason()));
  }

  /** Something a peer sent was not accepted. */
  void rejected(PeerId from, Rejection rejection) {
    rejected(rejection);
    if (rejection.reason().blamesSender()) {
      refusals.count(from, rejection.cause());
    }
  }

  /** A provider record had to make room for another one. */
  void evicted(ProviderRecords.Bound bound) {
    count("evicted.provider." + lower(bound));
  }

  List<RefusalLedger.Refusal> refusals() {
    return refusals.refusals();
  }

  void count(String name) {
    counts.computeIfAbsent(name, any -> new LongAdder()).increment();
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  Map<String, Long> snapshot() {
    Map<String, Long> sums = new TreeMap<>();
    counts.forEach((name, count) -> sums.put(name, count.sum()));
    return sums;
  }
}
