package org.skerry.libp2p.host;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.Quic;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets one UDP socket serve connections of both directions, for each of which Netty has a codec of
 * its own: packets for a connection that this host dialled name the id that it chose for it, and
 * all others are for the listening side. Owned by the socket's event loop.
 *
 * <pre>
 * socket → splitter → listening codec → {@link #toDialled} → dialling codec
 * </pre>
 *
 * A codec passes no packet on, but it does pass on what the other one sends.
 */
final class QuicSplitter extends ChannelInboundHandlerAdapter {
  /** Of all ids of this host. Packets with a short header do not tell the length. */
  static final int ID_BYTES = Quic.MAX_CONN_ID_LEN;

  private static final int LONG_HEADER = 0x80;
  private static final int LONG_TYPE = 0x30;
  private static final int VERSION_1 = 1;

  /** Where the id of a packet with a long header has its length: after type and version. */
  private static final int LENGTH_AT = 5;

  /** RFC 9000, section 14.1: the first packets of a connection come in no smaller datagram. */
  private static final int LEAST_INITIAL_BYTES = 1200;

  private final Set<ByteBuffer> dialledIds = new HashSet<>();
  private @Nullable ChannelHandlerContext dialled;
  private @Nullable ChannelHandlerContext socket;

  /** The handler that belongs between the codecs. */
  ChannelHandler toDialled() {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void handlerAdded(ChannelHandlerContext ctx) {
        dialled = ctx;
      }
    };
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    socket = ctx;
  }

  /** Sends a packet past the codecs. */
  void send(DatagramPacket packet) {
    ChannelHandlerContext ctx = Objects.requireNonNull(socket);
    ctx.writeAndFlush(packet, ctx.voidPromise());
  }

  /** From now on packets for {@code id} are for the dialling codec. */
  void add(ByteBuffer id) {
    dialledIds.add(id);
  }

  void remove(ByteBuffer id) {
    dialledIds.remove(id);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    DatagramPacket packet = (DatagramPacket) msg;
    ByteBuf bytes = packet.content();
    ByteBuffer id = destination(bytes);
    if (id == null) {
      packet.release();
    } else if (dialledIds.contains(id)) {
      Objects.requireNonNull(dialled).fireChannelRead(packet);
    } else if (bytes.readableBytes() < LEAST_INITIAL_BYTES && asksForAnswer(bytes)) {
      packet.release();
    } else {
      ctx.fireChannelRead(packet);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.fireChannelReadComplete();
    Objects.requireNonNull(dialled).fireChannelReadComplete();
  }

  /** The id that a packet is for (RFC 9000, section 17); null when it is no packet. */
  private static @Nullable ByteBuffer destination(ByteBuf packet) {
    int start = packet.readerIndex();
    int size = packet.readableBytes();
    boolean isLong = size > LENGTH_AT && isLong(packet);
    int idAt = isLong ? LENGTH_AT + 1 : 1;
    int idBytes = isLong ? packet.getUnsignedByte(start + LENGTH_AT) : ID_BYTES;
    return size < idAt + idBytes ? null : packet.nioBuffer(start + idAt, idBytes);
  }

  private static boolean isLong(ByteBuf packet) {
    return (packet.getByte(packet.readerIndex()) & LONG_HEADER) != 0;
  }

  /** Whether the listening side would answer it without knowing who sent it. */
  private static boolean asksForAnswer(ByteBuf packet) {
    int start = packet.readerIndex();
    boolean isInitial = (packet.getByte(start) & LONG_TYPE) == 0;
    return isLong(packet) && (isInitial || packet.getInt(start + 1) != VERSION_1);
  }
}
