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
      grow(stream);
    }
  }

  /** Doubles the window of a stream, while the limits allow. */
  void grow(YamuxStream stream) {
    int size = stream.windowSize();
    if (size <= limits.maxWindowBytes() / 2 && growth + size <= limits.maxBufferedBytes() / 2) {
      growth += size;
      stream.doubleWindow();
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
