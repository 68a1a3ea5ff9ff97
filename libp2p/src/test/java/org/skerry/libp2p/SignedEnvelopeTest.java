package org.skerry.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.MultiformatException;

class SignedEnvelopeTest {
  /** The envelope that the Go implementation holds itself to. */
  private static final byte[] GOLDEN =
      HexFormat.of()
          .parseHex(
              "0a24080112206f1581709bb7b1ef030d210db18e3b0ba1c776fba65d8cdaad05415142d189f8"
                  + "12102f6c69627032702f7465737464617461"
                  + "1a0c68656c6c6f20776f726c6421"
                  + "2a401178673b51dfa842aad17e465e25d646ad16628916b964c3fb10c711fee87872"
                  + "bdd4e4646f58c277cdff09704913d8be1aec6322de8d3d0bb852120374aece08");

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void verifiesTheGoldenEnvelopeOfAnotherImplementation() {
    SignedEnvelope envelope = SignedEnvelope.decode(GOLDEN);
    assertThat(envelope.payload()).isEqualTo(ascii("hello world!"));
    assertThat(envelope.isSignedFor("libp2p-testing", ascii("/libp2p/testdata"))).isTrue();
    assertThat(envelope.isSignedFor("libp2p-testinG", ascii("/libp2p/testdata"))).isFalse();
    assertThat(envelope.isSignedFor("libp2p-testing", ascii("/libp2p/testdat"))).isFalse();
    assertThat(envelope.bytes()).isEqualTo(GOLDEN);
  }

  @Test
  void sealsWhatItVerifies() {
    PrivateKey key = PrivateKey.ofSeed(new byte[32]);
    SignedEnvelope sealed = SignedEnvelope.seal(key, "d", ascii("t"), ascii("p"));
    SignedEnvelope read = SignedEnvelope.decode(sealed.bytes());
    assertThat(read).isEqualTo(sealed);
    assertThat(read.signer()).isEqualTo(key.publicKey());
    assertThat(read.isSignedFor("d", ascii("t"))).isTrue();
  }

  @Test
  void acceptsNoByteThatAnybodyChanged() {
    for (int at = 0; at < GOLDEN.length; at++) {
      byte[] bent = GOLDEN.clone();
      bent[at] ^= 1;
      boolean holds;
      try {
        holds =
            SignedEnvelope.decode(bent).isSignedFor("libp2p-testing", ascii("/libp2p/testdata"));
      } catch (MultiformatException e) {
        holds = false;
      }
      assertThat(holds).as("byte %d", at).isFalse();
    }
  }

  @Test
  void refusesEveryTruncationAndTrailingBytes() {
    for (int size = 0; size < GOLDEN.length; size++) {
      byte[] cut = Arrays.copyOf(GOLDEN, size);
      assertThatThrownBy(() -> SignedEnvelope.decode(cut))
          .as("%d bytes", size)
          .isInstanceOf(MultiformatException.class);
    }
    byte[] longer = Arrays.copyOf(GOLDEN, GOLDEN.length + 1);
    assertThatThrownBy(() -> SignedEnvelope.decode(longer))
        .isInstanceOf(MultiformatException.class)
        .hasMessageContaining("trailing");
  }
}
