package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class RetryTokensTest {
  private static final InetSocketAddress ALICE = new InetSocketAddress("192.0.2.1", 4001);
  private static final byte[] ID = {1, 2, 3, 4, 5, 6, 7, 8};

  private long now = -5; // as nanoTime may be
  private final RetryTokens tokens = tokens();

  private RetryTokens tokens() {
    return new RetryTokens(new SecureRandom(), () -> now);
  }

  private ByteBuf token() {
    ByteBuf out = Unpooled.buffer(tokens.maxTokenLength());
    assertThat(tokens.writeToken(out, Unpooled.wrappedBuffer(ID), ALICE)).isTrue();
    return out;
  }

  @Test
  void takesItsTokenBackAndFindsTheIdAtItsEnd() {
    ByteBuf token = token();
    int at = tokens.validateToken(token.slice(), ALICE);
    assertThat(token.slice(at, token.readableBytes() - at)).isEqualTo(Unpooled.wrappedBuffer(ID));
  }

  @Test
  void refusesATokenOfAnotherAddressPortOrHost() {
    assertThat(tokens.validateToken(token(), new InetSocketAddress("192.0.2.2", 4001)))
        .isEqualTo(-1);
    assertThat(tokens.validateToken(token(), new InetSocketAddress("192.0.2.1", 4002)))
        .isEqualTo(-1);
    assertThat(tokens().validateToken(token(), ALICE)).isEqualTo(-1);
  }

  @Test
  void refusesAnOldToken() {
    ByteBuf token = token();
    now += RetryTokens.VALID_NANOS;
    assertThat(tokens.validateToken(token.slice(), ALICE)).isPositive();
    now++;
    assertThat(tokens.validateToken(token.slice(), ALICE)).isEqualTo(-1);
  }

  @Test
  void refusesATokenWithAnyByteChangedOrOfAnotherLength() {
    ByteBuf token = token();
    for (int i = 0; i < token.readableBytes(); i++) {
      ByteBuf forged = token.copy();
      forged.setByte(i, forged.getByte(i) ^ 1);
      assertThat(tokens.validateToken(forged, ALICE)).as("byte %d", i).isEqualTo(-1);
      assertThat(tokens.validateToken(token.copy(0, i), ALICE)).as("%d bytes", i).isEqualTo(-1);
    }
    ByteBuf longer = token.copy().writeZero(20);
    assertThat(tokens.validateToken(longer, ALICE)).isEqualTo(-1);
  }
}
