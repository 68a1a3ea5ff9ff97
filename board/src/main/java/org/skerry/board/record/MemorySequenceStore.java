package org.skerry.board.record;

import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/** Sequences that last as long as the process: for tests and for peers that sign nothing. */
public final class MemorySequenceStore implements SequenceStore {
  private final Map<String, Long> sequences = new ConcurrentHashMap<>();

  @Override
  public OptionalLong last(String name) {
    Long sequence = sequences.get(name);
    return sequence == null ? OptionalLong.empty() : OptionalLong.of(sequence);
  }

  @Override
  public void store(String name, long sequence) {
    sequences.put(name, sequence);
  }
}
