package org.skerry.bench;

/** Something that connects to a peer again and again. */
interface Handshakes extends AutoCloseable {
  String variant();

  /**
   * Connects {@code count} times, one after the other: dials, secures and muxes, pings once,
   * closes.
   */
  void make(int count) throws Exception;

  /** The processor time that both ends have used until now, in seconds. */
  default double cpuSeconds() {
    return Cpu.seconds();
  }

  @Override
  void close();
}
