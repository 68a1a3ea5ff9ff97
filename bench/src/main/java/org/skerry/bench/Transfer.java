package org.skerry.bench;

/** Something that is ready to bring bytes from one place to another. */
interface Transfer extends AutoCloseable {
  String variant();

  /** Makes ready to move {@code bytes} once; not measured. */
  default void prepare(long bytes) throws Exception {}

  /** Moves {@code bytes} and returns when the other end has them all. */
  void move(long bytes) throws Exception;

  /** The processor time that both ends have used until now, in seconds. */
  default double cpuSeconds() {
    return Cpu.seconds();
  }

  @Override
  void close();
}
