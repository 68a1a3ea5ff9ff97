package org.skerry.libp2p.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.DSADigestSigner;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.PeerId;

class KeysTest {
  // The test vectors of the peer-ids specification.
  private static final String PRIVATE =
      "080112407e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d"
          + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";
  private static final String PUBLIC =
      "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";

  private static final String ECDSA =
      "0803125b3059301306072a8648ce3d020106082a8648ce3d03010703420004de3d300fa36ae0"
          + "e8f5d530899d83abab44abf3161f162a4bc901d8e6ecda020e8b6d5f8da30525e71d6851510c"
          + "098e5c47c646a597fb4dcec034e9f77c409e62";
  private static final String SECP256K1 =
      "08021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99";
  private static final String RSA =
      "080012a60430820222300d06092a864886f70d01010105000382020f003082020a0282020100"
          + "e1beab071d08200bde24eef00d049449b07770ff9910257b2d7d5dda242ce8f0e2f12e1af4b3"
          + "2d9efd2c090f66b0f29986dbb645dae9880089704a94e5066d594162ae6ee8892e6ec70701db"
          + "0a6c445c04778eb3de1293aa1a23c3825b85c6620a2bc3f82f9b0c309bc0ab3aeb1873282beb"
          + "d3da03c33e76c21e9beb172fd44c9e43be32e2c99827033cf8d0f0c606f4579326c930eb4e85"
          + "4395ad941256542c793902185153c474bed109d6ff5141ebf9cd256cf58893a37f83729f97e7"
          + "cb435ec679d2e33901d27bb35aa0d7e20561da08885ef0abbf8e2fb48d6a5487047a9ecb1ad4"
          + "1fa7ed84f6e3e8ecd5d98b3982d2a901b4454991766da295ab78822add5612a2df83bcee814c"
          + "f50973e80d7ef38111b1bd87da2ae92438a2c8cbcc70b31ee319939a3b9c761dbc13b5c086d6"
          + "b64bf7ae7dacc14622375d92a8ff9af7eb962162bbddebf90acb32adb5e4e4029f1c96019949"
          + "ecfbfeffd7ac1e3fbcc6b6168c34be3d5a2e5999fcbb39bba7adbca78eab09b9bc39f7fa4b93"
          + "411f4cc175e70c0a083e96bfaefb04a9580b4753c1738a6a760ae1afd851a1a4bdad231cf56e"
          + "9284d832483df215a46c1c21bdf0c6cfe951c18f1ee4078c79c13d63edb6e14feaeffabc90ad"
          + "317e4875fe648101b0864097e998f0ca3025ef9638cd2b0caecd3770ab54a1d9c6ca959b0f5d"
          + "cbc90caeefc4135baca6fd475224269bbe1b0203010001";

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

  @ParameterizedTest
  @CsvSource({ECDSA + ",ECDSA", SECP256K1 + ",SECP256K1", RSA + ",RSA"})
  void readsTheSpecificationsKeysOfOtherTypes(String encoded, KeyType type) {
    PublicKey key = PublicKey.decode(hex(encoded));
    assertThat(key.type()).isEqualTo(type);
    assertThat(key.encoded()).isEqualTo(hex(encoded));
    assertThat(key).isEqualTo(PublicKey.decode(hex(encoded)));
    assertThat(key.verify(new byte[1], new byte[0])).isFalse();
    assertThat(key.verify(new byte[1], new byte[64])).isFalse();
    String text = PeerId.of(key).toString();
    assertThat(text).startsWith(type == KeyType.SECP256K1 ? "16Uiu2" : "Qm");
  }

  @ParameterizedTest
  @CsvSource({"RSA, SHA256withRSA, 2048", "EC, SHA256withECDSA, 256", "EC, SHA256withECDSA, 384"})
  void verifiesWhatThePlatformSigned(String algorithm, String signing, int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(bits);
    KeyPair pair = generator.generateKeyPair();
    KeyType type = algorithm.equals("RSA") ? KeyType.RSA : KeyType.ECDSA;
    PublicKey key =
        PublicKey.decode(PublicKey.KeyProtobuf.encode(type, pair.getPublic().getEncoded()));
    Signature signer = Signature.getInstance(signing);
    signer.initSign(pair.getPrivate());
    signer.update(hex("72"));
    byte[] signature = signer.sign();
    assertThat(key.verify(hex("72"), signature)).isTrue();
    assertThat(key.verify(hex("73"), signature)).isFalse();
    assertThat(key.verify(hex("72"), Arrays.copyOf(signature, signature.length - 1))).isFalse();
  }

  @Test
  void verifiesWhatASecp256k1KeySigned() throws Exception {
    BigInteger secret =
        new BigInteger(1, hex("53dadf1d5a164d6b4acdb15e24aa4c5b1d3461bdbd42abedb0a4404d56ced8fb"));
    X9ECParameters curve = SECNamedCurves.getByName("secp256k1");
    DSADigestSigner signer = new DSADigestSigner(new ECDSASigner(), new SHA256Digest());
    signer.init(true, new ECPrivateKeyParameters(secret, new ECDomainParameters(curve)));
    signer.update((byte) 0x72);
    byte[] signature = signer.generateSignature();
    PublicKey key = PublicKey.decode(hex(SECP256K1));
    assertThat(key.verify(hex("72"), signature)).isTrue();
    assertThat(key.verify(hex("73"), signature)).isFalse();
    signature[10] ^= 1;
    assertThat(key.verify(hex("72"), signature)).isFalse();
  }

  @Test
  void refusesKeysThatAreTooWeakOrOfNoKnownType() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(1024);
    byte[] weak =
        PublicKey.KeyProtobuf.encode(
            KeyType.RSA, generator.generateKeyPair().getPublic().getEncoded());
    assertThatThrownBy(() -> PublicKey.decode(weak)).hasMessageContaining("1024 bits");
    assertThatThrownBy(() -> PublicKey.decode(hex("08041200"))).hasMessageContaining("key type 4");
    assertThatThrownBy(() -> PublicKey.decode(hex("08001203" + "010203")))
        .hasMessageContaining("no RSA key");
    assertThatThrownBy(() -> PublicKey.decode(hex("08021221" + "05" + "11".repeat(32))))
        .hasMessageContaining("no point");
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
  void refusesWhatIsNoKeyInItsOnlyForm(String encoded) {
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
