package org.skerry.bench;

/** A connection over loopback that is ready to move bytes one way. */
interface Transfer extends AutoCloseable {
  String variant();

  /** Moves {@code bytes} and returns when the other end has them all. */
  void move(long bytes) throws Exception;

  @Override
  void close();
}
