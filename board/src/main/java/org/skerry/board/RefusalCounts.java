package org.skerry.board;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts refusals by reason. Any thread may count and read. */
public final class RefusalCounts {
  private final Map<Refusal, LongAdder> counts;

  public RefusalCounts() {
    Map<Refusal, LongAdder> all = new EnumMap<>(Refusal.class);
    for (Refusal refusal : Refusal.values()) {
      all.put(refusal, new LongAdder());
    }
    counts = Collections.unmodifiableMap(all);
  }

  public void count(Refusal refusal) {
    adder(refusal).increment();
  }

  public long of(Refusal refusal) {
    return adder(refusal).sum();
  }

  private LongAdder adder(Refusal refusal) {
    LongAdder adder = counts.get(refusal);
    if (adder == null) {
      throw new IllegalStateException("no counter for " + refusal);
    }
    return adder;
  }

  /** The reasons that occurred, by metric name, with how often they did. */
  public Map<String, Long> snapshot() {
    Map<String, Long> out = new TreeMap<>();
    counts.forEach((refusal, adder) -> {
      if (adder.sum() > 0) {
        out.put(refusal.metricName(), adder.sum());
      }
    });
    return out;
  }
}
