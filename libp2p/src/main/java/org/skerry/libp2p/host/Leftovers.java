package org.skerry.libp2p.host;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The streams that have ended with bytes in them that may still be read, such as an answer that the
 * end of its connection followed on its heels. No event loop knows such a stream any more, so one
 * that its application forgets to close would hold pooled memory, and a part of the host's budget,
 * for ever: what is left is dropped after a minute, or with the host. Thread-safe.
 */
final class Leftovers {
  static final long KEEP_NANOS = 60_000_000_000L;

  /** Guarded by this; the oldest first. */
  private final Map<MuxedStream, Long> deadlines = new LinkedHashMap<>();

  private boolean closed;

  /** Keeps {@code stream} until it is read or late; false when the host is closed. */
  synchronized boolean add(MuxedStream stream, long nowNanos) {
    if (!closed) {
      deadlines.putIfAbsent(stream, nowNanos + KEEP_NANOS);
    }
    return !closed;
  }

  /** Nothing is left in {@code stream}. */
  synchronized void remove(MuxedStream stream) {
    deadlines.remove(stream);
  }

  synchronized int size() {
    return deadlines.size();
  }

  /** Drops what has been left for too long. */
  void expire(long nowNanos) {
    List<MuxedStream> late = new ArrayList<>();
    synchronized (this) {
      for (Map.Entry<MuxedStream, Long> one : deadlines.entrySet()) {
        if (one.getValue() - nowNanos > 0) {
          break;
        }
        late.add(one.getKey());
      }
    }
    // A stream calls back under its own lock, so not under this one.
    late.forEach(MuxedStream::dropUnread);
  }

  /** Drops everything, now and from now on. */
  void close() {
    List<MuxedStream> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(deadlines.keySet());
    }
    all.forEach(MuxedStream::dropUnread);
  }
}
