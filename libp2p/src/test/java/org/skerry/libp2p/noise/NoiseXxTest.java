package org.skerry.libp2p.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class NoiseXxTest {
  private static final byte[] NO_AD = {};
  private static final byte[] PROLOGUE = hex("4a6f686e2047616c74");

  /** Payload and ciphertext of Noise_XX_25519_ChaChaPoly_SHA256 in cacophony's test vectors. */
  private static final String[][] VECTOR = {
    {
      "4c756477696720766f6e204d69736573",
      "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
          + "4c756477696720766f6e204d69736573"
    },
    {
      "4d757272617920526f746862617264",
      "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843"
          + "81cbad1f276e038c48378ffce2b65285e08d6b68aaa3629a5a8639392490e5b9"
          + "bd5269c2f1e4f488ed8831161f19b7815528f8982ffe09be9b5c412f8a0db50f"
          + "8814c7194e83f23dbd8d162c9326ad"
    },
    {
      "462e20412e20486179656b",
      "c7195ffacac1307ff99046f219750fc47693e23c3cb08b89c2af808b444850a8"
          + "0ae475b9df0f169ae80a89be0865b57f58c9fea0d4ec82a286427402f113e4b6"
          + "ae769a1d95941d49b25030"
    },
    {"4361726c204d656e676572", "96763ed773f8e47bb3712f0e29b3060ffc956ffc146cee53d5e1df"},
    {
      "4a65616e2d426170746973746520536179",
      "3e40f15f6f3a46ae446b253bf8b1d9ffb6ed9b174d272328ff91a7e2e5c79c07f5"
    },
    {
      "457567656e2042f6686d20766f6e2042617765726b",
      "eb3f3515110702e047a6c9da4478b6ead94873c11c0f2d710ddb3f09fce024b3a58502ae3f"
    },
  };

  private final NoiseXx initiator =
      new NoiseXx(
          true,
          PROLOGUE,
          key("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1"),
          key("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a"));
  private final NoiseXx responder =
      new NoiseXx(
          false,
          PROLOGUE,
          key("4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893"),
          key("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b"));

  @Test
  void matchesThePublishedVectorByteForByte() throws Exception {
    for (int i = 0; i < 3; i++) {
      byte[] message = turn(i, true).writeMessage(hex(VECTOR[i][0]));
      assertThat(message).as("message %d", i).isEqualTo(hex(VECTOR[i][1]));
      assertThat(turn(i, false).readMessage(message)).isEqualTo(hex(VECTOR[i][0]));
    }
    assertThat(initiator.handshakeHash())
        .isEqualTo(hex("c8e5f64e846193be2a834104c2a009868d6c9f3bd3c186299888b488b2f1f58e"))
        .isEqualTo(responder.handshakeHash());
    CipherState[] left = initiator.split();
    CipherState[] right = responder.split();
    for (int i = 3; i < VECTOR.length; i++) {
      CipherState sender = i % 2 == 0 ? left[0] : right[0];
      CipherState receiver = i % 2 == 0 ? right[1] : left[1];
      byte[] plain = hex(VECTOR[i][0]);
      byte[] sealed = sender.encrypt(NO_AD, plain);
      assertThat(sealed).as("message %d", i).isEqualTo(hex(VECTOR[i][1]));
      assertThat(receiver.decrypt(NO_AD, sealed)).isEqualTo(plain);
    }
  }

  @Test
  void refusesEveryTruncationOfTheSecondMessage() throws Exception {
    byte[] second = hex(VECTOR[1][1]);
    for (int size = 0; size < second.length; size++) {
      NoiseXx fresh =
          new NoiseXx(
              true,
              PROLOGUE,
              key("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1"),
              key("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a"));
      fresh.writeMessage(hex(VECTOR[0][0]));
      byte[] cut = Arrays.copyOf(second, size);
      assertThatThrownBy(() -> fresh.readMessage(cut))
          .as("%d of %d bytes", size, second.length)
          .isInstanceOf(NoiseException.class);
    }
  }

  @Test
  void refusesAFlippedBitInEverySealedByte() throws Exception {
    byte[] second = hex(VECTOR[1][1]);
    for (int at = DhKeyPair.KEY_BYTES; at < second.length; at++) {
      NoiseXx fresh =
          new NoiseXx(
              true,
              PROLOGUE,
              key("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1"),
              key("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a"));
      fresh.writeMessage(hex(VECTOR[0][0]));
      byte[] bent = second.clone();
      bent[at] ^= 0x40;
      assertRejects(NoiseRejection.BAD_TAG, () -> fresh.readMessage(bent));
    }
  }

  @Test
  void refusesAKeyOfLowOrder() throws Exception {
    responder.readMessage(new byte[DhKeyPair.KEY_BYTES]);
    assertRejects(NoiseRejection.WEAK_KEY, () -> responder.writeMessage(NO_AD));
  }

  @Test
  void refusesToSpeakOutOfTurn() {
    assertThatThrownBy(() -> responder.writeMessage(NO_AD))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("out of turn");
    assertThatThrownBy(initiator::split).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void usesNoNonceTwice() {
    CipherState last = new CipherState(new byte[32], -2L);
    assertThat(last.isExhausted()).isFalse();
    last.encrypt(NO_AD, NO_AD);
    assertThat(last.isExhausted()).isTrue();
    assertThatThrownBy(() -> last.encrypt(NO_AD, NO_AD)).isInstanceOf(IllegalStateException.class);
  }

  private NoiseXx turn(int message, boolean writing) {
    return (message % 2 == 0) == writing ? initiator : responder;
  }

  private static void assertRejects(NoiseRejection rejection, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            NoiseException.class, e -> assertThat(e.rejection()).isEqualTo(rejection));
  }

  private static DhKeyPair key(String hex) {
    return DhKeyPair.ofSecret(hex(hex));
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
