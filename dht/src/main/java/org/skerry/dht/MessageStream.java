package org.skerry.dht;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.skerry.dht.wire.KadMessage;
import org.skerry.dht.wire.KadMessageCodec;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.multiformats.Varint;

/** Length-prefixed kad messages on a stream, each read or written before a deadline. */
final class MessageStream {
  private final Stream stream;

  MessageStream(Stream stream) {
    this.stream = stream;
  }

  /**
   * Reads the next message's bytes, or nothing at the end of the stream. However slowly the bytes
   * drip, the whole takes no longer than {@code limit}.
   *
   * @throws Libp2pException PROTOCOL_VIOLATION when it is longer than the bound, before it is read
   */
  Optional<byte[]> read(Duration limit) throws Libp2pException {
    long deadline = System.nanoTime() + limit.toNanos();
    ByteBuffer one = ByteBuffer.allocate(1);
    long size = 0;
    for (int i = 0; ; i++) {
      stream.timeout(left(deadline));
      if (stream.read(one.clear()) < 0) {
        if (i == 0) {
          return Optional.empty();
        }
        throw new Libp2pException(Reason.PROTOCOL_VIOLATION, "the stream ends in a length");
      }
      int b = one.get(0) & 0xff;
      size |= (long) (b & 0x7f) << (7 * i);
      if (size > KadMessage.MAX_BYTES || i >= Varint.MAX_BYTES) {
        throw new Libp2pException(
            Reason.PROTOCOL_VIOLATION,
            "a message of " + size + " bytes, at most " + KadMessage.MAX_BYTES);
      }
      if (b < 0x80) {
        return Optional.of(readBody((int) size, deadline));
      }
    }
  }

  private byte[] readBody(int size, long deadline) throws Libp2pException {
    // Memory grows with what has arrived, not with what was announced.
    ByteBuffer body = ByteBuffer.allocate(Math.min(size, 16 * 1024));
    while (body.position() < size) {
      if (!body.hasRemaining()) {
        ByteBuffer larger = ByteBuffer.allocate(Math.min(size, 2 * body.capacity()));
        larger.put(body.flip());
        body = larger;
      }
      stream.timeout(left(deadline));
      if (stream.read(body) < 0) {
        throw new Libp2pException(Reason.PROTOCOL_VIOLATION, "the stream ends in a message");
      }
    }
    byte[] bytes = new byte[size];
    body.flip().get(bytes);
    return bytes;
  }

  private static Duration left(long deadline) throws Libp2pException {
    long nanos = deadline - System.nanoTime();
    if (nanos <= 0) {
      throw new Libp2pException(Reason.TIMEOUT, "the message did not come in time");
    }
    return Duration.ofNanos(nanos);
  }

  void write(KadMessage message, Duration limit) throws Libp2pException {
    byte[] bytes = KadMessageCodec.encode(message);
    if (bytes.length > KadMessage.MAX_BYTES) {
      throw new Libp2pException(
          Reason.LIMIT_EXCEEDED,
          "a message of " + bytes.length + " bytes, at most " + KadMessage.MAX_BYTES);
    }
    stream.timeout(limit);
    stream.writeMessage(bytes);
  }
}
