package org.skerry.board.record;

import java.util.OptionalLong;

/** Remembers numbers by name. A stored number must survive a crash that follows. */
public interface SequenceStore {
  OptionalLong last(String name);

  /** Returns when {@code sequence} is durable. */
  void store(String name, long sequence);
}
