package org.skerry.libp2p.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.skerry.libp2p.multistream.Initiator;
import org.skerry.libp2p.multistream.Negotiation;
import org.skerry.libp2p.multistream.Responder;

class HostChannelsFuzzTest {
  private static final List<String> PROTOCOLS = List.of("/noise", "/yamux/1.0.0");
  private static final InetSocketAddress SOMEWHERE = new InetSocketAddress("192.0.2.1", 4001);
  private static final byte[] DIALLED_ID = filledId();

  private static byte[] filledId() {
    byte[] id = new byte[QuicSplitter.ID_BYTES];
    Arrays.fill(id, (byte) 'i');
    return id;
  }

  /** A stranger's bytes, in pieces of the size that the first byte says; its last bit, the side. */
  @FuzzTest
  void negotiation(byte[] in) {
    int first = in.length == 0 ? 0 : in[0] & 0xff;
    Negotiation side = (first & 1) == 0 ? new Responder(() -> PROTOCOLS) : new Initiator(PROTOCOLS);
    List<String> outcomes = new ArrayList<>();
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new MultistreamHandler(
                side,
                protocol -> {
                  assertThat(PROTOCOLS).contains(protocol);
                  outcomes.add(protocol);
                },
                (why, detail) -> outcomes.add(why.name())));
    int pieceBytes = 1 + (first >> 1);
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    for (int at = 1; at < in.length; at += pieceBytes) {
      ByteBuf piece = Unpooled.copiedBuffer(in, at, Math.min(pieceBytes, in.length - at));
      channel.writeInbound(piece);
      for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
        rest.writeBytes(ByteBufUtil.getBytes(part));
        part.release();
      }
      assertThat(outcomes).hasSizeLessThanOrEqualTo(1);
    }
    boolean agreed = !outcomes.isEmpty() && PROTOCOLS.contains(outcomes.getFirst());
    if (agreed) {
      assertThat(rest.toByteArray())
          .isEqualTo(Arrays.copyOfRange(in, in.length - rest.size(), in.length));
    } else {
      assertThat(rest.size()).isZero();
    }
    channel.finishAndReleaseAll();
    assertThat(outcomes).hasSizeLessThanOrEqualTo(1);
  }

  @FuzzTest
  void quicPacket(byte[] in) {
    QuicSplitter splitter = new QuicSplitter();
    List<ByteBuf> listening = new ArrayList<>();
    List<ByteBuf> dialling = new ArrayList<>();
    EmbeddedChannel udp =
        new EmbeddedChannel(splitter, codec(listening), splitter.toDialled(), codec(dialling));
    splitter.add(ByteBuffer.wrap(DIALLED_ID));
    ByteBuf packet = Unpooled.buffer().writeBytes(in);
    udp.writeInbound(new DatagramPacket(packet, SOMEWHERE, SOMEWHERE));
    assertThat(packet.refCnt()).isZero();
    assertThat(listening.size() + dialling.size()).isLessThanOrEqualTo(1);
    if (!dialling.isEmpty()) {
      assertThat(new String(in, ISO_8859_1)).contains("i".repeat(DIALLED_ID.length));
    }
    udp.finishAndReleaseAll();
  }

  private static ChannelInboundHandlerAdapter codec(List<ByteBuf> heard) {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object msg) {
        DatagramPacket packet = (DatagramPacket) msg;
        heard.add(packet.content());
        packet.release();
      }
    };
  }

  @FuzzTest
  void retryToken(byte[] in) {
    RetryTokens tokens = new RetryTokens(new SecureRandom(), () -> 0);
    assertThat(tokens.validateToken(Unpooled.wrappedBuffer(in), SOMEWHERE)).isEqualTo(-1);
    if (in.length <= QuicSplitter.ID_BYTES) {
      ByteBuf token = Unpooled.buffer();
      tokens.writeToken(token, Unpooled.wrappedBuffer(in), SOMEWHERE);
      assertThat(token.readableBytes()).isLessThanOrEqualTo(tokens.maxTokenLength());
      int idAt = tokens.validateToken(token.slice(), SOMEWHERE);
      assertThat(ByteBufUtil.getBytes(token, idAt, token.readableBytes() - idAt)).isEqualTo(in);
    }
  }
}
