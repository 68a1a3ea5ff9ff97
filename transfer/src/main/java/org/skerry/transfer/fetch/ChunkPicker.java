package org.skerry.transfer.fetch;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Predicate;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.SourceId;

/**
 * Which chunk to ask a source for next. A chunk is missing, then requested of one source (or, when
 * that one is late, of up to three), then kept; a request that fails makes it missing again.
 *
 * <p>While all sources are whole, chunks go in order. As soon as another peer is fetching too, the
 * rarest among such peers goes first, from a random place on: so two that begin together soon have
 * different halves to offer each other. Sans-IO; single owner.
 */
final class ChunkPicker {
  private static final int MAX_REQUESTS_PER_CHUNK = 3;
  // Bounds the work of one pick on a blob of a million chunks.
  private static final int MAX_SCAN = 65_536;

  private final int chunks;
  private final BitSet missing = new BitSet();
  private final BitSet unrequested = new BitSet();
  private final Map<Integer, Map<SourceId, Long>> requests = new HashMap<>();
  private final int[] partialHolders;
  private final int start;
  private int partialSources;

  ChunkPicker(int chunks, ChunkSet have, Random random) {
    this.chunks = chunks;
    this.missing.set(0, chunks);
    this.missing.andNot(have.bits());
    this.unrequested.or(missing);
    this.partialHolders = new int[chunks];
    this.start = chunks == 0 ? 0 : random.nextInt(chunks);
  }

  int missing() {
    return missing.cardinality();
  }

  boolean isMissing(int index) {
    return missing.get(index);
  }

  /** How many missing chunks are in none of {@code sources}. */
  int missingFrom(Iterable<ChunkSet> sources) {
    BitSet nowhere = (BitSet) missing.clone();
    for (ChunkSet have : sources) {
      nowhere.andNot(have.bits());
    }
    return nowhere.cardinality();
  }

  boolean lacksSomethingOf(ChunkSet have) {
    return have.isComplete() ? !missing.isEmpty() : missing.intersects(have.bits());
  }

  void add(ChunkSet have) {
    count(have, 1);
  }

  void remove(ChunkSet have) {
    count(have, -1);
  }

  private void count(ChunkSet have, int by) {
    if (!have.isComplete()) {
      partialSources += by;
      have.bits().stream().forEach(i -> partialHolders[i] += by);
    }
  }

  /** A chunk of {@code have} that nobody was asked for yet. */
  OptionalInt pickFresh(ChunkSet have) {
    return partialSources == 0 ? next(have, 0, chunks) : rarest(have);
  }

  private OptionalInt next(ChunkSet have, int from, int to) {
    for (int i = unrequested.nextSetBit(from);
        i >= 0 && i < to;
        i = unrequested.nextSetBit(i + 1)) {
      if (have.has(i)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  private OptionalInt rarest(ChunkSet have) {
    int least = have.isComplete() ? 0 : 1; // This peer itself counts when it is partial.
    int best = -1;
    int scanned = 0;
    boolean wrapped = false;
    int i = unrequested.nextSetBit(start);
    while (scanned++ < MAX_SCAN) {
      if (i < 0 || (wrapped && i >= start)) {
        if (wrapped) {
          break;
        }
        wrapped = true;
        i = unrequested.nextSetBit(0);
        continue;
      }
      if (have.has(i) && (best < 0 || partialHolders[i] < partialHolders[best])) {
        best = i;
        if (partialHolders[i] <= least) {
          break;
        }
      }
      i = unrequested.nextSetBit(i + 1);
    }
    return best >= 0 ? OptionalInt.of(best) : OptionalInt.empty();
  }

  /**
   * The chunk that others were asked for the longest ago, at {@code beforeMs} or earlier, unless
   * one of them is {@code busy} with it.
   */
  OptionalInt pickLate(SourceId source, ChunkSet have, long beforeMs, Predicate<SourceId> busy) {
    int best = -1;
    long oldest = Long.MAX_VALUE;
    for (Map.Entry<Integer, Map<SourceId, Long>> entry : requests.entrySet()) {
      int index = entry.getKey();
      Map<SourceId, Long> askedAt = entry.getValue();
      if (!have.has(index)
          || askedAt.containsKey(source)
          || askedAt.size() >= MAX_REQUESTS_PER_CHUNK) {
        continue;
      }
      long latest = askedAt.values().stream().mapToLong(t -> t).max().orElse(0);
      if (latest <= beforeMs && latest < oldest && askedAt.keySet().stream().noneMatch(busy)) {
        oldest = latest;
        best = index;
      }
    }
    return best >= 0 ? OptionalInt.of(best) : OptionalInt.empty();
  }

  void requested(SourceId source, int index, long nowMs) {
    unrequested.clear(index);
    requests.computeIfAbsent(index, i -> new HashMap<>()).put(source, nowMs);
  }

  /** The source will not bring this chunk. */
  void released(SourceId source, int index) {
    Map<SourceId, Long> asked = requests.get(index);
    if (asked != null && asked.remove(source) != null && asked.isEmpty()) {
      requests.remove(index);
      if (missing.get(index)) {
        unrequested.set(index);
      }
    }
  }

  /** The chunk is verified and on disk. */
  void kept(int index) {
    missing.clear(index);
    unrequested.clear(index);
    requests.remove(index);
  }
}
