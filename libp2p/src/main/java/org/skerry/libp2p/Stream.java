package org.skerry.libp2p;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.libp2p.multiformats.Varint;

/**
 * One bidirectional, flow-controlled byte stream of a connection, for plain blocking code on a
 * virtual thread. One thread may read while another writes.
 */
public interface Stream extends AutoCloseable {
  /** The authenticated peer at the other end. */
  PeerId remotePeer();

  /** The connection that carries it. */
  Connection connection();

  /** The protocol negotiated for this stream. */
  String protocol();

  /**
   * The longest a read or write may wait without a byte moving before it fails with TIMEOUT.
   * Streams start with 60 seconds.
   */
  void timeout(Duration limit);

  /**
   * Reads at least one byte into {@code into}.
   *
   * @return the number of bytes, or -1 when the other side has closed its writing half
   */
  int read(ByteBuffer into) throws Libp2pException;

  /** Reads exactly {@code size} bytes, or fails with PROTOCOL_VIOLATION at an early end. */
  default byte[] readFully(int size) throws Libp2pException {
    ByteBuffer into = ByteBuffer.allocate(size);
    readFully(into);
    return into.array();
  }

  /** Fills {@code into}, or fails with PROTOCOL_VIOLATION at an early end. */
  default void readFully(ByteBuffer into) throws Libp2pException {
    int size = into.remaining();
    while (into.hasRemaining()) {
      if (read(into) < 0) {
        throw new Libp2pException(
            Reason.PROTOCOL_VIOLATION,
            protocol()
                + ": the stream ended after "
                + (size - into.remaining())
                + " of "
                + size
                + " bytes");
      }
    }
  }

  /**
   * Reads one message with an unsigned-varint length before it.
   *
   * @param maxBytes a longer one fails with PROTOCOL_VIOLATION before it is read
   */
  default byte[] readMessage(int maxBytes) throws Libp2pException {
    return readFully(readLength(maxBytes));
  }

  /**
   * Reads one message with an unsigned-varint length before it to the start of {@code room}; one
   * that is longer than that fails with PROTOCOL_VIOLATION before it is read.
   *
   * @return the message, which lies in {@code room}
   */
  default ByteBuffer readMessage(byte[] room) throws Libp2pException {
    ByteBuffer message = ByteBuffer.wrap(room, 0, readLength(room.length));
    readFully(message);
    return message.flip();
  }

  private int readLength(int maxBytes) throws Libp2pException {
    ByteBuffer head = ByteBuffer.allocate(Varint.MAX_BYTES);
    do {
      head.put(readFully(1)[0]);
    } while (head.get(head.position() - 1) < 0 && head.hasRemaining());
    try {
      return Varint.readInt(head.flip(), maxBytes);
    } catch (MultiformatException e) {
      throw new Libp2pException(
          Reason.PROTOCOL_VIOLATION, protocol() + ": message length: " + e.getMessage(), e);
    }
  }

  /** Writes all of {@code from}; blocks while the receiver's window is full. */
  void write(ByteBuffer from) throws Libp2pException;

  /** Writes {@code message} with an unsigned-varint length before it. */
  default void writeMessage(byte[] message) throws Libp2pException {
    byte[] head = Varint.encode(message.length);
    write(ByteBuffer.allocate(head.length + message.length).put(head).put(message).flip());
  }

  /** Ends the writing half; reading goes on. */
  void closeWrite() throws Libp2pException;

  /** Ends both halves at once; the other side sees a reset. */
  void reset();

  /** Ends the stream: closes the writing half, and resets when unread data is still to come. */
  @Override
  void close();
}
