package org.skerry.libp2p.pnet;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.skerry.libp2p.crypto.KeyFormatException;
import org.skerry.libp2p.testing.Hostile;

class PrivateNetworkFuzzTest {
  @FuzzTest
  void keyFile(byte[] in) {
    Hostile.read(KeyFormatException.class, () -> PreSharedKey.decode(in))
        .ifPresent(key -> {
          String file = "/key/swarm/psk/1.0.0/\n/base16/\n" + HexFormat.of().formatHex(key.bytes());
          assertThat(PreSharedKey.decode(file.getBytes(US_ASCII))).isEqualTo(key);
        });
  }

  /** A stranger's bytes in pieces, of which the first byte is the size. */
  @FuzzTest
  void connection(byte[] in) {
    List<PrivateNetworkRejection> rejections = new ArrayList<>();
    PreSharedKey key =
        PreSharedKey.decode(("/key/swarm/psk/1.0.0/\n/bin/\n" + "k".repeat(32)).getBytes(US_ASCII));
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new PrivateNetworkHandler(
                key, new SecureRandom(), (why, detail) -> rejections.add(why)));
    int pieceBytes = in.length == 0 ? 1 : 1 + (in[0] & 0xff);
    int heard = 0;
    for (int at = 1; at < in.length; at += pieceBytes) {
      ByteBuf piece = Unpooled.copiedBuffer(in, at, Math.min(pieceBytes, in.length - at));
      channel.writeInbound(piece);
      assertThat(piece.refCnt()).isZero();
      for (ByteBuf plain = channel.readInbound(); plain != null; plain = channel.readInbound()) {
        assertThat(rejections).isEmpty();
        heard += plain.readableBytes();
        plain.release();
      }
    }
    assertThat(heard)
        .isLessThanOrEqualTo(Math.max(0, in.length - 1 - PrivateNetworkHandler.NONCE_BYTES));
    channel.finishAndReleaseAll();
    assertThat(rejections).hasSizeLessThanOrEqualTo(1);
  }
}
