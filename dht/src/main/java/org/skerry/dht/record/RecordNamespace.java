package org.skerry.dht.record;

import java.util.Optional;

/**
 * The rules of the records under one first key segment. Thread-safe; called on virtual threads and
 * never under a lock. Whether a value is valid is a function of key and value (and the time): the
 * sender only says whose share the work of finding out belongs to, and a value refused for {@link
 * Rejection.Reason#OVER_BUDGET} is accepted from somebody else.
 */
public interface RecordNamespace {
  /** Why {@code value} may not stand under {@code key}, or nothing when it may. */
  Optional<Rejection> validate(Sender from, byte[] key, byte[] value);

  /**
   * What stands under {@code key} once both values were seen; both are valid. A selecting namespace
   * returns one of them, a merging one their join. Must be associative, commutative and idempotent,
   * or replicas do not converge.
   */
  byte[] merge(byte[] key, byte[] current, byte[] incoming);

  /** The longest value; a longer one is refused unread. */
  int maxValueBytes();
}
