package org.skerry.libp2p.host;

import java.util.concurrent.atomic.AtomicLong;

/** The bytes that all streams of a host may hold unread. Thread-safe. */
final class BufferBudget {
  private final long maxBytes;
  private final AtomicLong usedBytes = new AtomicLong();

  BufferBudget(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  boolean take(int bytes) {
    if (usedBytes.addAndGet(bytes) > maxBytes) {
      usedBytes.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  void give(int bytes) {
    usedBytes.addAndGet(-bytes);
  }

  long usedBytes() {
    return usedBytes.get();
  }
}
