package org.skerry.bench;

/** Something that is ready to bring bytes from one place to another. */
interface Transfer extends AutoCloseable {
  String variant();

  /** Makes ready to move {@code bytes} once; not measured. */
  default void prepare(long bytes) throws Exception {}

  /** Moves {@code bytes} and returns when the other end has them all. */
  void move(long bytes) throws Exception;

  @Override
  void close();
}
