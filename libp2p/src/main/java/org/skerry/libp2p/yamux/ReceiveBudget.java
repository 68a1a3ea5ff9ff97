package org.skerry.libp2p.yamux;

import java.util.OptionalLong;

/** What all streams of a session hold unread, and by how much their windows have grown. */
final class ReceiveBudget {
  private final YamuxLimits limits;
  private long buffered;
  private long growth;

  ReceiveBudget(YamuxLimits limits) {
    this.limits = limits;
  }

  long bufferedBytes() {
    return buffered;
  }

  /** Counts a data frame; false when the session would hold too much. */
  boolean take(int length) {
    if (buffered + length > limits.maxBufferedBytes()) {
      return false;
    }
    buffered += length;
    return true;
  }

  void consumed(int bytes) {
    buffered -= bytes;
  }

  /** Doubles the window of a stream that the round trip limits, while the limits allow. */
  void grow(YamuxStream stream, long nowNanos, OptionalLong rttNanos) {
    if (rttNanos.isPresent() && stream.limitedByWindow(nowNanos, rttNanos.getAsLong())) {
      int size = stream.windowSize();
      grow(stream, Math.min(size, limits.maxWindowBytes() - size));
    }
  }

  /** Widens the window of a stream, if the limits allow. */
  void grow(YamuxStream stream, int bytes) {
    if (stream.windowSize() + bytes <= limits.maxWindowBytes()
        && growth + bytes <= limits.maxBufferedBytes() / 2) {
      growth += bytes;
      stream.growWindow(bytes);
    }
  }

  /** The stream is over: its unread bytes are dropped, its window is gone. */
  void forget(YamuxStream stream) {
    buffered -= stream.buffered();
    growth -= stream.windowSize() - YamuxFrame.INITIAL_WINDOW_BYTES;
  }

  void clear() {
    buffered = 0;
    growth = 0;
  }
}
