package org.skerry.libp2p.noise;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.testing.LeakCheck;

@ExtendWith(LeakCheck.class)
class NoiseFramesTest {
  private static final PeerId PEER = PeerId.of(PrivateKey.ofSeed(new byte[32]).publicKey());

  private final List<NoiseRejection> rejections = new ArrayList<>();
  private final EmbeddedChannel sender = channel(0);
  private final EmbeddedChannel receiver = channel(0);

  private EmbeddedChannel channel(long firstNonce) {
    SecureChannel secure =
        new SecureChannel(
            PEER,
            Optional.empty(),
            new CipherState(new byte[32], firstNonce),
            new CipherState(new byte[32], firstNonce));
    return new EmbeddedChannel(
        new NoiseFrames(secure, (rejection, detail) -> rejections.add(rejection)));
  }

  @AfterEach
  void releaseAll() {
    sender.finishAndReleaseAll();
    receiver.finishAndReleaseAll();
  }

  private static byte[] random(int size) {
    byte[] out = new byte[size];
    new Random(size).nextBytes(out);
    return out;
  }

  /** All that is readable, in one piece. */
  private static byte[] wire(EmbeddedChannel channel) {
    ByteBuf all = Unpooled.buffer();
    while (channel.readOutbound() instanceof ByteBuf part) {
      all.writeBytes(part);
      part.release();
    }
    return ByteBufUtil.getBytes(all);
  }

  private static byte[] received(EmbeddedChannel channel) {
    ByteBuf all = Unpooled.buffer();
    while (channel.readInbound() instanceof ByteBuf part) {
      all.writeBytes(part);
      part.release();
    }
    return ByteBufUtil.getBytes(all);
  }

  @Test
  void packsSmallWritesIntoOneFrame() {
    var header = sender.write(Unpooled.wrappedBuffer(random(12)));
    var body = sender.write(Unpooled.wrappedBuffer(random(100)));
    assertThat(wire(sender)).as("before the flush").isEmpty();
    sender.flush();
    assertThat(header.isSuccess() && body.isSuccess()).isTrue();
    byte[] wire = wire(sender);
    assertThat(wire).hasSize(2 + 112 + 16);
    assertThat((wire[0] & 0xff) << 8 | (wire[1] & 0xff)).isEqualTo(128);
  }

  @Test
  void carriesAnyBytesHoweverTheyAreCut() {
    byte[] data = random(300_000);
    sender.writeOutbound(Unpooled.wrappedBuffer(data));
    byte[] wire = wire(sender);
    Random random = new Random(5);
    for (int at = 0; at < wire.length; ) {
      int size = Math.min(wire.length - at, 1 + random.nextInt(40_000));
      receiver.writeInbound(Unpooled.copiedBuffer(wire, at, size));
      at += size;
    }
    assertThat(received(receiver)).isEqualTo(data);
    assertThat(rejections).isEmpty();
  }

  @Test
  void completesWritePromisesOnlyWhenTheirFrameIsWritten() {
    var small = sender.write(Unpooled.wrappedBuffer(random(5)));
    var empty = sender.write(Unpooled.buffer(0));
    assertThat(small.isDone()).isFalse();
    sender.flush();
    assertThat(small.isSuccess()).isTrue();
    assertThat(empty.isSuccess()).isTrue();
  }

  @Test
  void closesOnATamperedFrameAndDeliversNothingOfIt() {
    sender.writeOutbound(Unpooled.wrappedBuffer(random(50)));
    byte[] wire = wire(sender);
    wire[20] ^= 1;
    receiver.writeInbound(Unpooled.wrappedBuffer(wire));
    assertThat(received(receiver)).isEmpty();
    assertThat(receiver.isOpen()).isFalse();
    assertThat(rejections).containsExactly(NoiseRejection.BAD_TAG);
  }

  @Test
  void closesOnAReplayedFrame() {
    sender.writeOutbound(Unpooled.wrappedBuffer(random(50)));
    byte[] wire = wire(sender);
    receiver.writeInbound(Unpooled.copiedBuffer(wire));
    receiver.writeInbound(Unpooled.copiedBuffer(wire));
    assertThat(received(receiver)).isEqualTo(random(50));
    assertThat(rejections).containsExactly(NoiseRejection.BAD_TAG);
  }

  @Test
  void closesOnAFrameShorterThanItsTag() {
    receiver.writeInbound(Unpooled.wrappedBuffer(new byte[] {0, 3, 1, 2, 3}));
    assertThat(rejections).containsExactly(NoiseRejection.TRUNCATED);
    assertThat(receiver.isOpen()).isFalse();
  }

  @Test
  void closesBeforeANonceIsUsedTwice() {
    EmbeddedChannel tired = channel(-2L);
    tired.writeOutbound(Unpooled.wrappedBuffer(random(1)));
    assertThat(tired.isOpen()).isTrue();
    var refused = tired.write(Unpooled.wrappedBuffer(random(1)));
    tired.flush();
    assertThat(refused.cause()).isInstanceOf(IllegalStateException.class);
    assertThat(tired.isOpen()).isFalse();
    assertThat(rejections).containsExactly(NoiseRejection.EXHAUSTED);
    tired.finishAndReleaseAll();
  }
}
