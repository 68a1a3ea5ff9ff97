package org.skerry.libp2p;

import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * One bidirectional, flow-controlled byte stream of a connection, for plain blocking code on a
 * virtual thread. One thread may read while another writes.
 */
public interface Stream extends AutoCloseable {
  /** The authenticated peer at the other end. */
  PeerId remotePeer();

  /** The protocol negotiated for this stream. */
  String protocol();

  /** The longest any single read or write may block before it fails with TIMEOUT. */
  void timeout(Duration limit);

  /**
   * Reads at least one byte into {@code into}.
   *
   * @return the number of bytes, or -1 when the other side has closed its writing half
   */
  int read(ByteBuffer into) throws Libp2pException;

  /** Reads exactly {@code size} bytes, or fails with PROTOCOL_VIOLATION at an early end. */
  byte[] readFully(int size) throws Libp2pException;

  /**
   * Reads one message with an unsigned-varint length before it.
   *
   * @param maxBytes a longer one fails with PROTOCOL_VIOLATION before it is read
   */
  byte[] readMessage(int maxBytes) throws Libp2pException;

  /** Writes all of {@code from}; blocks while the receiver's window is full. */
  void write(ByteBuffer from) throws Libp2pException;

  /** Writes {@code message} with an unsigned-varint length before it. */
  void writeMessage(byte[] message) throws Libp2pException;

  /** Ends the writing half; reading goes on. */
  void closeWrite() throws Libp2pException;

  /** Ends both halves at once; the other side sees a reset. */
  void reset();

  /** Ends the stream: closes the writing half, and resets when unread data is still to come. */
  @Override
  void close();
}
