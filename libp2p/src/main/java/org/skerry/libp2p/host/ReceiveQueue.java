package org.skerry.libp2p.host;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/** What has arrived on a stream and waits to be read. Guarded by its stream's lock. */
final class ReceiveQueue {
  /** Smaller pieces are gathered, so that a peer that sends byte by byte costs little memory. */
  private static final int GATHER_BYTES = 2048;

  private static final int GATHERING_CAPACITY = 2 * GATHER_BYTES;

  private final ArrayDeque<ByteBuf> chunks = new ArrayDeque<>();
  private int sizeBytes;

  boolean isEmpty() {
    return chunks.isEmpty();
  }

  int sizeBytes() {
    return sizeBytes;
  }

  /** Owns {@code bytes}; {@code buffers} make room to gather them. */
  void add(ByteBuf bytes, ByteBufAllocator buffers) {
    int size = bytes.readableBytes();
    sizeBytes += size;
    ByteBuf tail = chunks.peekLast();
    if (tail == null || size >= GATHER_BYTES) {
      chunks.add(bytes); // a lone small message stays as it is; the second one starts to gather
      return;
    }
    if (tail.maxCapacity() != GATHERING_CAPACITY || tail.writableBytes() < size) {
      tail = buffers.heapBuffer(GATHERING_CAPACITY, GATHERING_CAPACITY);
      chunks.add(tail);
    }
    tail.writeBytes(bytes);
    bytes.release();
  }

  /** Moves as much as there is, and as fits, into {@code into}; returns how much. */
  int read(ByteBuffer into) {
    int total = 0;
    while (into.hasRemaining() && !chunks.isEmpty()) {
      ByteBuf head = chunks.getFirst();
      int size = Math.min(into.remaining(), head.readableBytes());
      head.readBytes(into.slice(into.position(), size));
      into.position(into.position() + size);
      total += size;
      if (!head.isReadable()) {
        chunks.removeFirst().release();
      }
    }
    sizeBytes -= total;
    return total;
  }

  /** Drops everything; returns how much that was. */
  int clear() {
    chunks.forEach(ByteBuf::release);
    chunks.clear();
    int dropped = sizeBytes;
    sizeBytes = 0;
    return dropped;
  }
}
