package org.skerry.dht.record;

import java.util.Optional;

/**
 * The rules of the records under one first key segment. Thread-safe; all methods are functions of
 * their arguments (and the time), called on virtual threads and never under a lock.
 */
public interface RecordNamespace {
  /** Why {@code value} may not stand under {@code key}, or nothing when it may. */
  Optional<Rejection> validate(byte[] key, byte[] value);

  /**
   * What stands under {@code key} once both values were seen; both are valid. A selecting namespace
   * returns one of them, a merging one their join. Must be associative, commutative and idempotent,
   * or replicas do not converge.
   */
  byte[] merge(byte[] key, byte[] current, byte[] incoming);

  /** The longest value; a longer one is refused unread. */
  int maxValueBytes();
}
