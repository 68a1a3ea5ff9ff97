package org.skerry.board.record;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import org.skerry.board.Refusal;
import org.skerry.board.RefusalCounts;
import org.skerry.board.merge.Equivocation;

/** Keeps the newest evidence of peers that signed two things under one sequence. Thread-safe. */
public final class EquivocationLog {
  private static final int CAPACITY = 256;

  private final RefusalCounts counts;
  private final Deque<Equivocation> evidence = new ArrayDeque<>();

  public EquivocationLog(RefusalCounts counts) {
    this.counts = counts;
  }

  synchronized void addAll(Collection<Equivocation> found) {
    for (Equivocation equivocation : found) {
      if (evidence.contains(equivocation)) {
        continue;
      }
      counts.count(Refusal.EQUIVOCATION);
      evidence.addLast(equivocation);
      if (evidence.size() > CAPACITY) {
        evidence.removeFirst();
      }
    }
  }

  /** Oldest first. */
  public synchronized List<Equivocation> evidence() {
    return List.copyOf(evidence);
  }
}
