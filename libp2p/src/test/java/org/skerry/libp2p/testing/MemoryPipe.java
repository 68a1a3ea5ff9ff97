package org.skerry.libp2p.testing;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;

/** One direction of a stream: a bounded queue of bytes, each visible only after the latency. */
final class MemoryPipe {
  private record Chunk(ByteBuffer bytes, long visibleAtNanos) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();
  private final int capacityBytes;
  private int queuedBytes;
  private boolean writerDone;
  private boolean readerDone;
  private @Nullable Reason failure;

  MemoryPipe(int capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  /**
   * Writes all of {@code from}.
   *
   * @return false when the reader has gone, and the stream must be reset
   */
  boolean write(ByteBuffer from, long latencyNanos, long timeoutNanos) throws Libp2pException {
    lock.lock();
    try {
      while (from.hasRemaining()) {
        long left = timeoutNanos;
        while (failure == null && !writerDone && !readerDone && queuedBytes == capacityBytes) {
          left = await(left, "write");
        }
        check();
        if (writerDone) {
          throw new Libp2pException(Reason.CLOSED, "the writing half is closed");
        }
        if (readerDone) {
          return false;
        }
        byte[] piece = new byte[Math.min(from.remaining(), capacityBytes - queuedBytes)];
        from.get(piece);
        queuedBytes += piece.length;
        chunks.add(new Chunk(ByteBuffer.wrap(piece), System.nanoTime() + latencyNanos));
        changed.signalAll();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  int read(ByteBuffer into, long timeoutNanos) throws Libp2pException {
    lock.lock();
    try {
      long left = timeoutNanos;
      while (true) {
        check();
        if (readerDone) {
          throw new Libp2pException(Reason.CLOSED, "the stream is closed");
        }
        Chunk head = chunks.peek();
        if (head == null) {
          if (writerDone) {
            return -1;
          }
          left = await(left, "read");
          continue;
        }
        long wait = head.visibleAtNanos() - System.nanoTime();
        if (wait > 0) {
          left -= wait - await(Math.min(wait, left), null);
          if (left <= 0) {
            throw new Libp2pException(Reason.TIMEOUT, "read timed out");
          }
          continue;
        }
        int size = Math.min(into.remaining(), head.bytes().remaining());
        into.put(head.bytes().slice().limit(size));
        head.bytes().position(head.bytes().position() + size);
        queuedBytes -= size;
        if (!head.bytes().hasRemaining()) {
          chunks.remove();
        }
        changed.signalAll();
        return size;
      }
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("WaitNotInLoop") // its callers loop
  private long await(long nanos, @Nullable String doing) throws Libp2pException {
    try {
      long left = nanos <= 0 ? 0 : changed.awaitNanos(nanos);
      if (left <= 0 && doing != null) {
        throw new Libp2pException(Reason.TIMEOUT, doing + " timed out");
      }
      return Math.max(0, left);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Libp2pException(Reason.CLOSED, "interrupted", e);
    }
  }

  private void check() throws Libp2pException {
    if (failure != null) {
      throw new Libp2pException(
          failure, failure == Reason.STREAM_RESET ? "the stream was reset" : "connection closed");
    }
  }

  void closeWriter() {
    lock.lock();
    try {
      writerDone = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Ends reading; true when bytes are still unread, and the stream must be reset. */
  boolean closeReader() {
    lock.lock();
    try {
      readerDone = true;
      changed.signalAll();
      return queuedBytes > 0;
    } finally {
      lock.unlock();
    }
  }

  void fail(Reason reason) {
    lock.lock();
    try {
      if (failure == null && !(writerDone && readerDone)) {
        failure = reason;
      }
      chunks.clear();
      queuedBytes = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean isOver() {
    lock.lock();
    try {
      return failure != null || (writerDone && (readerDone || chunks.isEmpty()));
    } finally {
      lock.unlock();
    }
  }

  static long nanos(Duration duration) {
    return TimeUnit.NANOSECONDS.convert(duration);
  }
}
