package org.skerry.libp2p.host;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.PeerId;

/**
 * What moves a stream's bytes. {@link #sendData} and {@link #sendFin} are called on the
 * connection's event loop, by {@link MuxedStream#send}; the others by any thread.
 */
interface StreamCarrier {
  PeerId remotePeer();

  Connection connection();

  HostContext host();

  /** What may lie unread in the streams of this one's peer. */
  BufferBudget.Share budget();

  ByteBufAllocator buffers();

  /** The application has written, or closed its half. */
  void sendLater(MuxedStream stream);

  void resetLater(MuxedStream stream);

  /** The application has closed the stream; the remote has a minute to do the same. */
  void linger(MuxedStream stream);

  /** The application has read so many bytes more, or all that there were. */
  void consumed(MuxedStream stream, int bytes);

  /**
   * Takes as much of {@code data} as goes now.
   *
   * @return how much; negative when the remote takes no more
   */
  int sendData(MuxedStream stream, ByteBuf data);

  void sendFin(MuxedStream stream);
}
