package org.skerry.libp2p.yamux;

/** The windows and half-closes of one stream. Owned by its session. */
final class YamuxStream {
  private static final long MAX_SEND_WINDOW = 0xffff_ffffL;

  final int id;
  final boolean inbound;

  /** Bytes this side may still send. */
  private long sendWindow = YamuxFrame.INITIAL_WINDOW_BYTES;

  /** Bytes the remote may still send. */
  private int receiveWindow = YamuxFrame.INITIAL_WINDOW_BYTES;

  /** What the receive window is filled up to. */
  private int windowSize = YamuxFrame.INITIAL_WINDOW_BYTES;

  /** Announced by data frames and not yet consumed. */
  private int buffered;

  private long lastUpdateNanos;

  /** Outbound: the remote has acknowledged. Inbound: this side has. */
  boolean acked;

  boolean localClosed;
  boolean remoteClosed;

  /** A write came short since the window last opened. */
  boolean writeBlocked;

  YamuxStream(int id, boolean inbound, long nowNanos) {
    this.id = id;
    this.inbound = inbound;
    this.lastUpdateNanos = nowNanos;
  }

  /** Takes up to {@code wanted} bytes from the send window. */
  int takeSendWindow(int wanted) {
    int taken = (int) Math.min(wanted, sendWindow);
    sendWindow -= taken;
    return taken;
  }

  /**
   * @return false when the sum is more than the field of a frame can mean
   */
  boolean addSendWindow(long delta) {
    sendWindow += delta;
    return sendWindow <= MAX_SEND_WINDOW;
  }

  /**
   * Counts a whole data frame when its header has come, before its payload.
   *
   * @return false when the remote sends more than it may
   */
  boolean takeReceiveWindow(long length) {
    if (length > receiveWindow) {
      return false;
    }
    receiveWindow -= (int) length;
    buffered += (int) length;
    return true;
  }

  long unsignedId() {
    return Integer.toUnsignedLong(id);
  }

  int buffered() {
    return buffered;
  }

  int windowSize() {
    return windowSize;
  }

  void consumed(int bytes) {
    if (bytes < 0 || bytes > buffered) {
      throw new IllegalArgumentException(
          "consumed " + bytes + " of " + buffered + " bytes of stream " + id);
    }
    buffered -= bytes;
  }

  /** Half the window is consumed: time for an update. */
  boolean updateDue() {
    return windowDelta() >= windowSize / 2;
  }

  /** Whether the whole window went in fewer than four round trips: it is what limits the sender. */
  boolean limitedByWindow(long nowNanos, long rttNanos) {
    return nowNanos - lastUpdateNanos < 4 * rttNanos;
  }

  void growWindow(int bytes) {
    windowSize += bytes;
  }

  /** Refills the receive window and returns by how much. */
  int refill(long nowNanos) {
    int delta = windowDelta();
    receiveWindow += delta;
    lastUpdateNanos = nowNanos;
    return delta;
  }

  private int windowDelta() {
    return windowSize - receiveWindow - buffered;
  }
}
