package org.skerry.board.record;

import java.io.IOException;
import java.util.Optional;

/** The distributed hash table as this module needs it. Blocking; called without any lock held. */
public interface RecordNetwork {
  /** The join of what the peers near {@code key} hold; empty when they hold nothing. */
  Optional<byte[]> get(byte[] key) throws IOException;

  /** Offers {@code value} to the peers near {@code key}; fails when none took it. */
  void put(byte[] key, byte[] value) throws IOException;
}
