package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QuicSplitterTest {
  private static final InetSocketAddress SOMEWHERE = new InetSocketAddress("192.0.2.1", 4001);
  private static final int INITIAL = 0xc0;
  private static final int HANDSHAKE = 0xe0;
  private static final int SHORT = 0x40;
  private static final int FULL_BYTES = 1200;

  private final QuicSplitter splitter = new QuicSplitter();
  private final Codec listening = new Codec();
  private final Codec dialling = new Codec();
  private final EmbeddedChannel udp =
      new EmbeddedChannel(splitter, listening, splitter.toDialled(), dialling);

  /** Passes nothing on, as QUIC's codecs do. */
  private static final class Codec extends ChannelInboundHandlerAdapter {
    private final List<Integer> sizes = new ArrayList<>();
    private int completions;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      DatagramPacket packet = (DatagramPacket) msg;
      sizes.add(packet.content().readableBytes());
      packet.release();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      completions++;
    }
  }

  @AfterEach
  void close() {
    udp.finishAndReleaseAll();
  }

  private static byte[] id(int first, int size) {
    byte[] id = new byte[size];
    id[0] = (byte) first;
    return id;
  }

  private void receive(ByteBuf bytes) {
    udp.writeInbound(new DatagramPacket(bytes, SOMEWHERE, SOMEWHERE));
    assertThat(bytes.refCnt()).isZero();
  }

  private static ByteBuf longHeader(int type, int version, byte[] id, int size) {
    ByteBuf packet = Unpooled.buffer(size).writeByte(type).writeInt(version);
    packet.writeByte(id.length).writeBytes(id);
    return packet.writeZero(size - packet.readableBytes());
  }

  private static ByteBuf shortHeader(byte[] id, int size) {
    ByteBuf packet = Unpooled.buffer(size).writeByte(SHORT).writeBytes(id);
    return packet.writeZero(size - packet.readableBytes());
  }

  @Test
  void knowsPacketsOfItsOwnDialsByTheirId() {
    byte[] ours = id(7, QuicSplitter.ID_BYTES);
    byte[] others = id(8, QuicSplitter.ID_BYTES);
    splitter.add(ByteBuffer.wrap(ours));
    receive(shortHeader(ours, 30));
    receive(shortHeader(others, 31));
    receive(longHeader(HANDSHAKE, 1, ours, 32));
    receive(longHeader(HANDSHAKE, 1, others, 33));
    receive(longHeader(INITIAL, 0, ours, 34)); // a negotiation of versions
    receive(longHeader(INITIAL, 1, id(7, 8), FULL_BYTES));
    assertThat(dialling.sizes).containsExactly(30, 32, 34);
    assertThat(listening.sizes).containsExactly(31, 33, FULL_BYTES);
    assertThat(dialling.completions).isEqualTo(listening.completions).isPositive();
    splitter.remove(ByteBuffer.wrap(ours));
    receive(shortHeader(ours, 35));
    assertThat(listening.sizes).endsWith(35);
  }

  @Test
  void answersNoSmallPacketThatAnybodyMayHaveSent() {
    receive(longHeader(INITIAL, 1, id(1, 8), FULL_BYTES - 1));
    receive(longHeader(HANDSHAKE, 0x0a0a0a0a, id(1, 8), FULL_BYTES - 1));
    assertThat(listening.sizes).isEmpty();
    receive(longHeader(INITIAL, 1, id(1, 8), FULL_BYTES));
    receive(longHeader(HANDSHAKE, 0x0a0a0a0a, id(1, 8), FULL_BYTES));
    assertThat(listening.sizes).hasSize(2);
  }

  @Test
  void dropsWhatIsNoPacket() {
    receive(Unpooled.EMPTY_BUFFER.alloc().buffer());
    receive(Unpooled.buffer().writeByte(INITIAL));
    receive(Unpooled.buffer().writeByte(SHORT).writeZero(QuicSplitter.ID_BYTES - 1));
    receive(Unpooled.buffer().writeByte(HANDSHAKE).writeInt(1).writeByte(21).writeZero(20));
    assertThat(listening.sizes).isEmpty();
    assertThat(dialling.sizes).isEmpty();
  }
}
