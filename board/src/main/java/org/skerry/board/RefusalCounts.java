package org.skerry.board;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts refusals by reason. Any thread may count and read. */
public final class RefusalCounts {
  private static final int MAX_SUBJECTS = 4096;

  private final Map<Refusal, LongAdder> counts;
  private final Set<String> counted =
      Collections.newSetFromMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
              return size() > MAX_SUBJECTS;
            }
          });

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

  /** Counts once for each subject, however often it is looked at; thousands are remembered. */
  public void countOnce(Refusal refusal, Object subject) {
    boolean first;
    synchronized (counted) {
      first = counted.add(refusal.name() + " " + subject);
    }
    if (first) {
      count(refusal);
    }
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
