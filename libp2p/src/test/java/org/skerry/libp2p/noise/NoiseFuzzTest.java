package org.skerry.libp2p.noise;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.noise.NoiseHandshake.Step;

class NoiseFuzzTest {
  private static final PrivateKey KEY = PrivateKey.ofSeed(new byte[32]);
  private static final PeerId PEER = PeerId.of(KEY.publicKey());

  /** The other side's, whose static key the seeds' payloads are signed for. */
  private static final DhKeyPair THEIR_STATIC = DhKeyPair.ofSecret(filled(1));

  private static final DhKeyPair THEIR_EPHEMERAL = DhKeyPair.ofSecret(filled(2));

  private static byte[] filled(int value) {
    byte[] out = new byte[DhKeyPair.KEY_BYTES];
    Arrays.fill(out, (byte) value);
    return out;
  }

  private static NoiseHandshake handshake(boolean initiator) {
    SecureRandom fixed =
        new SecureRandom() {
          private static final long serialVersionUID = 1L;

          @Override
          public void nextBytes(byte[] bytes) {
            Arrays.fill(bytes, (byte) 3);
          }
        };
    return new NoiseHandshake(
        initiator, NoiseIdentity.create(KEY, fixed), Optional.empty(), List.of("/yamux/1.0.0"));
  }

  /** The first message, as it comes in the clear. */
  @FuzzTest
  void firstMessage(byte[] in) {
    boolean sent = handshake(false).receive(in) instanceof Step.Send;
    assertThat(sent).isEqualTo(in.length >= DhKeyPair.KEY_BYTES && !isWeak(in));
    NoiseHandshake initiator = handshake(true);
    initiator.start();
    assertThat(initiator.receive(in)).isInstanceOf(Step.Rejected.class);
  }

  private static boolean isWeak(byte[] in) {
    try {
      THEIR_STATIC.agree(Arrays.copyOf(in, DhKeyPair.KEY_BYTES));
      return false;
    } catch (NoiseException e) {
      return true;
    }
  }

  /** A payload from somebody who keeps to the protocol up to there. */
  @FuzzTest
  void payload(byte[] in) throws Exception {
    NoiseXx them = new NoiseXx(true, new byte[0], THEIR_STATIC, THEIR_EPHEMERAL);
    NoiseHandshake ours = handshake(false);
    Step.Send second = (Step.Send) ours.receive(them.writeMessage(new byte[0]));
    them.readMessage(second.message().bytes());
    switch (ours.receive(them.writeMessage(in))) {
      case Step.Send(var message) -> throw new AssertionError("a fourth message " + message);
      case Step.Rejected(NoiseRejection rejection, String _) ->
          assertThat(rejection).isIn(NoiseRejection.BAD_PAYLOAD, NoiseRejection.BAD_SIGNATURE);
      case Step.Finished(var message, SecureChannel channel) -> {
        assertThat(message.bytes()).isEmpty();
        assertThat(channel.muxer().orElse("/yamux/1.0.0")).isEqualTo("/yamux/1.0.0");
      }
    }
  }

  /**
   * Frames of the right key, anything between them, and cuts anywhere. Of three bytes the first
   * says what follows, the others how long it is.
   */
  @FuzzTest
  void frames(byte[] in) {
    List<NoiseRejection> rejections = new ArrayList<>();
    EmbeddedChannel sender = channel(rejections);
    EmbeddedChannel receiver = channel(rejections);
    ByteArrayOutputStream honest = new ByteArrayOutputStream();
    ByteArrayOutputStream heard = new ByteArrayOutputStream();
    boolean tampered = false;
    for (ByteBuffer script = ByteBuffer.wrap(in); script.remaining() >= 3; ) {
      int kind = script.get() & 3;
      int size = script.getShort() & 0xffff;
      if (kind == 0) {
        byte[] raw = new byte[Math.min(size, script.remaining())];
        script.get(raw);
        tampered |= raw.length > 0;
        receive(receiver, raw, raw.length + 1);
      } else {
        byte[] plain = new byte[size];
        Arrays.fill(plain, (byte) size);
        sender.writeOutbound(Unpooled.wrappedBuffer(plain));
        if (!tampered) {
          honest.writeBytes(plain);
        }
        receive(receiver, taken(sender::readOutbound), kind == 1 ? size + 100 : size / kind + 1);
      }
      heard.writeBytes(taken(receiver::readInbound));
    }
    assertThat(heard.toByteArray()).isEqualTo(honest.toByteArray());
    assertThat(rejections).hasSizeLessThanOrEqualTo(tampered ? 1 : 0);
    assertThat(receiver.isOpen()).isEqualTo(rejections.isEmpty());
    sender.finishAndReleaseAll();
    receiver.finishAndReleaseAll();
  }

  private static EmbeddedChannel channel(List<NoiseRejection> rejections) {
    SecureChannel secure =
        new SecureChannel(
            PEER,
            Optional.empty(),
            new CipherState(new byte[DhKeyPair.KEY_BYTES]),
            new CipherState(new byte[DhKeyPair.KEY_BYTES]));
    return new EmbeddedChannel(new NoiseFrames(secure, (why, detail) -> rejections.add(why)));
  }

  private static void receive(EmbeddedChannel receiver, byte[] bytes, int pieceBytes) {
    for (int at = 0; at < bytes.length && receiver.isOpen(); at += pieceBytes) {
      ByteBuf piece = Unpooled.copiedBuffer(bytes, at, Math.min(pieceBytes, bytes.length - at));
      receiver.writeInbound(piece);
      assertThat(piece.refCnt()).isZero();
    }
  }

  private interface Queue {
    ByteBuf next();
  }

  private static byte[] taken(Queue queue) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (ByteBuf part = queue.next(); part != null; part = queue.next()) {
      out.writeBytes(ByteBufUtil.getBytes(part));
      part.release();
    }
    return out.toByteArray();
  }
}
