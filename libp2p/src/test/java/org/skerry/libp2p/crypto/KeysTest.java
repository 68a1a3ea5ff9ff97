package org.skerry.libp2p.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {
  // The test vectors of the peer-ids specification.
  private static final String PRIVATE =
      "080112407e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d"
          + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";
  private static final String PUBLIC =
      "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  @Test
  void matchesTheSpecificationsVectors() {
    PrivateKey key = PrivateKey.decode(hex(PRIVATE));
    assertThat(key.encoded()).isEqualTo(hex(PRIVATE));
    assertThat(key.publicKey().encoded()).isEqualTo(hex(PUBLIC));
    assertThat(PublicKey.decode(hex(PUBLIC))).isEqualTo(key.publicKey());
  }

  @Test
  void signsAsRfc8032SaysInItsSecondTest() {
    PrivateKey key =
        PrivateKey.ofSeed(hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    byte[] signature = key.sign(hex("72"));
    assertThat(signature)
        .isEqualTo(
            hex(
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                    + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"));
    assertThat(key.publicKey().verify(hex("72"), signature)).isTrue();
    assertThat(key.publicKey().verify(hex("73"), signature)).isFalse();
    signature[3] ^= 1;
    assertThat(key.publicKey().verify(hex("72"), signature)).isFalse();
    assertThat(key.publicKey().verify(hex("72"), new byte[63])).isFalse();
  }

  @Test
  void neverPrintsItself() {
    assertThat(PrivateKey.decode(hex(PRIVATE)).toString()).doesNotContain("7e0830");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "08",
        "0801122000",
        "08021220" + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e",
        "08011220" + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e" + "00",
        "08011220" + "0000000000000000000000000000000000000000000000000000000000000000",
        "080112ffffffffffffffffff01",
        "08011280",
        "12201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e0801",
      })
  void refusesWhatIsNoEd25519KeyInItsOnlyForm(String encoded) {
    assertThatThrownBy(() -> PublicKey.decode(hex(encoded))).isInstanceOf(KeyFormatException.class);
  }

  @Test
  void refusesAPrivateKeyWhoseHalvesDoNotBelongTogether() {
    byte[] bent = hex(PRIVATE);
    bent[10] ^= 1;
    assertThatThrownBy(() -> PrivateKey.decode(bent))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining("halves");
    assertThatThrownBy(() -> PrivateKey.decode("not a key".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(KeyFormatException.class);
  }
}
