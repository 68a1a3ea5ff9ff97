package org.skerry.libp2p.host;

/** Bytes that went either way since the start. */
public record Bandwidth(long receivedBytes, long sentBytes) {
  /** None. */
  public static final Bandwidth NONE = new Bandwidth(0, 0);
}
