package org.skerry.libp2p.pnet;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.skerry.libp2p.testing.LeakCheck;

@ExtendWith(LeakCheck.class)
class PrivateNetworkHandlerTest {
  private static final byte[] GREETING = "\u0013/multistream/1.0.0\n".getBytes(US_ASCII);

  private final List<PrivateNetworkRejection> rejections = new ArrayList<>();

  private static PreSharedKey key(String hex) {
    return PreSharedKey.decode(("/key/swarm/psk/1.0.0/\n/base16/\n" + hex).getBytes(US_ASCII));
  }

  private EmbeddedChannel channel(String keyHex, String nonceHex) {
    SecureRandom fixed =
        new SecureRandom() {
          private static final long serialVersionUID = 1L;

          @Override
          public void nextBytes(byte[] bytes) {
            System.arraycopy(HexFormat.of().parseHex(nonceHex), 0, bytes, 0, bytes.length);
          }
        };
    return new EmbeddedChannel(
        new PrivateNetworkHandler(key(keyHex), fixed, (why, detail) -> rejections.add(why)));
  }

  private EmbeddedChannel channel(int key, int nonce) {
    return channel("%02x".formatted(key).repeat(32), "%02x".formatted(nonce).repeat(24));
  }

  private static byte[] sent(EmbeddedChannel channel) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      out.writeBytes(ByteBufUtil.getBytes(part));
      part.release();
    }
    return out.toByteArray();
  }

  private static byte[] heard(EmbeddedChannel channel) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
      out.writeBytes(ByteBufUtil.getBytes(part));
      part.release();
    }
    return out.toByteArray();
  }

  private static void say(EmbeddedChannel channel, byte[] bytes) {
    channel.writeOutbound(Unpooled.copiedBuffer(bytes));
  }

  private static void hear(EmbeddedChannel channel, byte[] bytes) {
    channel.writeInbound(Unpooled.copiedBuffer(bytes));
  }

  /** The first 32 bytes of the key stream that NaCl's own tests begin with. */
  @Test
  void encryptsAsNaclDoes() {
    String nonce = "69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37";
    EmbeddedChannel channel =
        channel("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389", nonce);
    say(channel, new byte[20]);
    say(channel, new byte[12]);
    assertThat(HexFormat.of().formatHex(sent(channel)))
        .isEqualTo(nonce + "eea6a7251c1e72916d11c2cb214d3c252539121d8e234e652d651fa4c8cff880");
    channel.finishAndReleaseAll();
  }

  @Test
  void carriesBytesBetweenTwoThatShareTheKeyHoweverTheyAreCut() {
    EmbeddedChannel one = channel(1, 2);
    EmbeddedChannel other = channel(1, 3);
    byte[] text = Arrays.copyOf(GREETING, 1000);
    for (int i = GREETING.length; i < text.length; i++) {
      text[i] = (byte) (i * 31);
    }
    say(one, text);
    byte[] onWire = sent(one);
    assertThat(onWire).hasSize(24 + text.length);
    for (byte b : onWire) {
      hear(other, new byte[] {b});
    }
    assertThat(heard(other)).isEqualTo(text);
    say(other, text);
    byte[] back = sent(other);
    assertThat(Arrays.copyOfRange(back, 24, back.length))
        .isNotEqualTo(Arrays.copyOfRange(onWire, 24, onWire.length));
    hear(one, back);
    assertThat(heard(one)).isEqualTo(text);
    one.finishAndReleaseAll();
    other.finishAndReleaseAll();
    assertThat(rejections).isEmpty();
  }

  @Test
  void passesNothingOnFromWhoHasAnotherKey() {
    EmbeddedChannel stranger = channel(9, 2);
    say(stranger, GREETING);
    say(stranger, new byte[100]);
    EmbeddedChannel member = channel(1, 3);
    hear(member, sent(stranger));
    assertThat(heard(member)).isEmpty();
    assertThat(rejections).containsExactly(PrivateNetworkRejection.OTHER_KEY);
    stranger.close();
    assertThat(rejections)
        .as("the stranger has heard nothing")
        .containsExactly(PrivateNetworkRejection.OTHER_KEY, PrivateNetworkRejection.UNPROVEN);
    stranger.finishAndReleaseAll();
    member.finishAndReleaseAll();
    assertThat(rejections).hasSize(2);
  }

  @Test
  void takesAResetForNoProof() {
    EmbeddedChannel member = channel(1, 3);
    member
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                ctx.close(); // as whoever comes behind does
              }
            });
    member.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
    assertThat(rejections).containsExactly(PrivateNetworkRejection.UNPROVEN);
    member.finishAndReleaseAll();
    assertThat(rejections).hasSize(1);
  }

  @Test
  void noticesWhoSpeaksInTheClearFromItsFirstTwentyBytes() {
    EmbeddedChannel member = channel(1, 3);
    hear(member, GREETING);
    assertThat(rejections).containsExactly(PrivateNetworkRejection.NO_KEY);
    hear(member, new byte[100]);
    assertThat(heard(member)).isEmpty();
    member.finishAndReleaseAll();
    assertThat(rejections).hasSize(1);
  }
}
