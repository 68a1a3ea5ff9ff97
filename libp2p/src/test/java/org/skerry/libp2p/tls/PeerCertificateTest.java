package org.skerry.libp2p.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.Extension;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;

class PeerCertificateTest {
  private static final Duration DAY = Duration.ofDays(1);

  // The test vectors of the specification.
  private static final String OF_ED25519 =
      "308201ae30820156a0030201020204499602d2300a06082a8648ce3d04030230203112301006"
          + "0355040a13096c69627032702e696f310a300806035504051301313020170d37353031303131"
          + "33303030305a180f34303936303130313133303030305a302031123010060355040a13096c69"
          + "627032702e696f310a300806035504051301313059301306072a8648ce3d020106082a8648ce"
          + "3d030107034200040c901d423c831ca85e27c73c263ba132721bb9d7a84c4f0380b2a6756fd6"
          + "01331c8870234dec878504c174144fa4b14b66a651691606d8173e55bd37e381569ea37c307a"
          + "3078060a2b0601040183a25a0101046a3068042408011220a77f1d92fedb59dddaea5a1c4abd"
          + "1ac2fbde7d7b879ed364501809923d7c11b90440d90d2769db992d5e6195dbb08e706b6651e0"
          + "24fda6cfb8846694a435519941cac215a8207792e42849cccc6cd8136c6e4bde92a58c5e08cf"
          + "d4206eb5fe0bf909300a06082a8648ce3d0403020346003043021f50f6b6c52711a881778718"
          + "238f650c9fb48943ae6ee6d28427dc6071ae55e702203625f116a7a454db9c56986c82a25682"
          + "f7248ea1cb764d322ea983ed36a31b77";
  private static final String OF_ECDSA =
      "308201f63082019da0030201020204499602d2300a06082a8648ce3d04030230203112301006"
          + "0355040a13096c69627032702e696f310a300806035504051301313020170d37353031303131"
          + "33303030305a180f34303936303130313133303030305a302031123010060355040a13096c69"
          + "627032702e696f310a300806035504051301313059301306072a8648ce3d020106082a8648ce"
          + "3d030107034200040c901d423c831ca85e27c73c263ba132721bb9d7a84c4f0380b2a6756fd6"
          + "01331c8870234dec878504c174144fa4b14b66a651691606d8173e55bd37e381569ea381c230"
          + "81bf3081bc060a2b0601040183a25a01010481ad3081aa045f0803125b3059301306072a8648"
          + "ce3d020106082a8648ce3d03010703420004bf30511f909414ebdd3242178fd290f093a551cf"
          + "75c973155de0bb5a96fedf6cb5d52da7563e794b512f66e60c7f55ba8a3acf3dd72a801980d2"
          + "05e8a1ad29f2044730450220064ea8124774caf8f50e57f436aa62350ce652418c019df5d98a"
          + "3ac666c9386a022100aa59d704a931b5f72fb9222cb6cc51f954d04a4e2e5450f8805fe8918f"
          + "71eaae300a06082a8648ce3d04030203470030440220799395b0b6c1e940a7e4484705f610ab"
          + "51ed376f19ff9d7c16757cfbf61b8d4302206205c03fbb0f95205c779be86581d3e31c01871a"
          + "d5d1f3435bcf375cb0e5088a";
  private static final String OF_SECP256K1 =
      "308201ba3082015fa0030201020204499602d2300a06082a8648ce3d04030230203112301006"
          + "0355040a13096c69627032702e696f310a300806035504051301313020170d37353031303131"
          + "33303030305a180f34303936303130313133303030305a302031123010060355040a13096c69"
          + "627032702e696f310a300806035504051301313059301306072a8648ce3d020106082a8648ce"
          + "3d030107034200040c901d423c831ca85e27c73c263ba132721bb9d7a84c4f0380b2a6756fd6"
          + "01331c8870234dec878504c174144fa4b14b66a651691606d8173e55bd37e381569ea3818430"
          + "8181307f060a2b0601040183a25a01010471306f0425080212210206dc6968726765b820f050"
          + "263ececf7f71e4955892776c0970542efd689d2382044630440220145e15a991961f0d08cd15"
          + "425bb95ec93f6ffa03c5a385eedc34ecf464c7a8ab022026b3109b8a3f40ef833169777eb2aa"
          + "337cfb6282f188de0666d1bcec2a4690dd300a06082a8648ce3d0403020349003046022100e1"
          + "a217eeef9ec9204b3f774a08b70849646b6a1e6b8b27f93dc00ed58545d9fe022100b00dafa5"
          + "49d0f03547878338c7b15e7502888f6d45db387e5ae6b5d46899cef0";
  private static final String OF_ANOTHER_KEY =
      "308201f73082019da0030201020204499602d2300a06082a8648ce3d04030230203112301006"
          + "0355040a13096c69627032702e696f310a300806035504051301313020170d37353031303131"
          + "33303030305a180f34303936303130313133303030305a302031123010060355040a13096c69"
          + "627032702e696f310a300806035504051301313059301306072a8648ce3d020106082a8648ce"
          + "3d030107034200040c901d423c831ca85e27c73c263ba132721bb9d7a84c4f0380b2a6756fd6"
          + "01331c8870234dec878504c174144fa4b14b66a651691606d8173e55bd37e381569ea381c230"
          + "81bf3081bc060a2b0601040183a25a01010481ad3081aa045f0803125b3059301306072a8648"
          + "ce3d020106082a8648ce3d03010703420004bf30511f909414ebdd3242178fd290f093a551cf"
          + "75c973155de0bb5a96fedf6cb5d52da7563e794b512f66e60c7f55ba8a3acf3dd72a801980d2"
          + "05e8a1ad29f204473045022100bb6e03577b7cc7a3cd1558df0da2b117dfdcc0399bc2504ebe"
          + "7de6f65cade72802206de96e2a5be9b6202adba24ee0362e490641ac45c240db71fe955f2c5c"
          + "f8df6e300a06082a8648ce3d0403020348003045022100e847f267f43717358f850355bdcabb"
          + "efb2cfbf8a3c043b203a14788a092fe8db022027c1d04a2d41fd6b57a7e8b3989e470325de44"
          + "06e52e084e34a3fd56eef0d0df";

  /** Made by js-libp2p; its issuer and subject have no name. */
  private static final String OF_JS =
      "308201763082011da00302010202081372742164407993300a06082a8648ce3d040302300030"
          + "20170d3236313132323134323834375a180f32313236313032393135323834375a3000305930"
          + "1306072a8648ce3d020106082a8648ce3d030107034200042f051b1121165e5443736c22f416"
          + "b54e643298449fb537a8fb4019e2d6f9b03670fa6e10e8b322edf2166cd52a132d29ced9e341"
          + "dd8083e77d32404defaf24eda37f307d307b060a2b0601040183a25a01010101ff046a306804"
          + "24080112203b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da2904"
          + "4008b54104a9dfe39b1dcfa3a8792bbd3f337eff9188aa1142a568c25cd215dde57428851ecb"
          + "2ab4d48d1add523ce9e0335ca2da7fc0c1d2a55dadcde0ba442405300a06082a8648ce3d0403"
          + "02034700304402205739df57a168d87825b53751f566fa8cf4e406e7532122941493886adfdb"
          + "69ce02207430ed4871d5ea3949db32d6741a744b235b5125c948ca3b47610301e63c3777";

  private final SecureRandom random = new SecureRandom();
  private final PrivateKey identity = PrivateKey.ofSeed(new byte[32]);
  private final KeyPair key = newKey();
  private final Instant now = Instant.now();

  private KeyPair newKey() {
    try {
      return TlsIdentity.newKey(random);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static X509Certificate certificate(String hex) throws Exception {
    byte[] der = HexFormat.of().parseHex(hex);
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
  }

  private static PeerId peer(X509Certificate... chain) throws TlsException {
    return PeerCertificate.verified(chain);
  }

  private static void assertRejected(TlsRejection rejection, X509Certificate @Nullable ... chain) {
    assertThatThrownBy(() -> PeerCertificate.verified(chain))
        .isInstanceOfSatisfying(
            TlsException.class, e -> assertThat(e.rejection()).as("%s", e).isEqualTo(rejection));
  }

  private Extension extension(boolean critical) {
    return new Extension(
        IdentityExtension.OID,
        critical,
        new DEROctetString(IdentityExtension.of(identity, key.getPublic().getEncoded())));
  }

  private X509Certificate signed(Extension... extensions) throws Exception {
    return TlsIdentity.signed(key, now.minus(DAY), now.plus(DAY), random, extensions);
  }

  @ParameterizedTest
  @CsvSource({
    OF_ED25519 + ",12D3KooWM6CgA9iBFZmcYAHA6A2qvbAxqfkmrYiRQuz3XEsk4Ksv",
    OF_ECDSA + ",QmfXbAwNjJLXfesgztEHe8HwgVDCMMpZ9Eax1HYq6hn9uE",
    OF_SECP256K1 + ",16Uiu2HAkutTMoTzDw1tCvSRtu6YoixJwS46S1ZFxW8hSx9fWHiPs"
  })
  void readsTheIdentitiesOfTheSpecificationsCertificates(String hex, String peer) throws Exception {
    assertThat(peer(certificate(hex))).isEqualTo(PeerId.parse(peer));
  }

  @Test
  void readsANamelessOne() throws Exception {
    RawCertificate read = RawCertificate.read(HexFormat.of().parseHex(OF_JS));
    assertThat(PeerCertificate.proven(read))
        .isEqualTo(PeerId.parse("12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"));
  }

  @Test
  void refusesWhatIsNoCertificate() {
    byte[] good = HexFormat.of().parseHex(OF_JS);
    for (int size = 0; size < good.length; size++) {
      byte[] cut = Arrays.copyOf(good, size);
      assertThatThrownBy(() -> RawCertificate.read(cut))
          .isInstanceOfAny(IOException.class, IllegalArgumentException.class);
    }
    byte[] long17k = new byte[17 << 10];
    assertThatThrownBy(() -> RawCertificate.read(long17k)).hasMessageContaining("too many");
  }

  @Test
  void refusesItWithAnyByteChanged() {
    byte[] good = HexFormat.of().parseHex(OF_JS);
    for (int i = 0; i < good.length; i++) {
      byte[] bent = good.clone();
      bent[i] ^= 1;
      assertThatThrownBy(() -> PeerCertificate.proven(RawCertificate.read(bent)))
          .as("byte %d", i)
          .isInstanceOfAny(IOException.class, IllegalArgumentException.class, TlsException.class);
    }
  }

  @Test
  void refusesTheSpecificationsCertificateOfAnotherKey() throws Exception {
    assertRejected(TlsRejection.BAD_SIGNATURE, certificate(OF_ANOTHER_KEY));
  }

  @Test
  void takesItsOwn() throws Exception {
    X509Certificate own = TlsIdentity.certificate(identity, key, now, random);
    assertThat(peer(own)).isEqualTo(PeerId.of(identity.publicKey()));
    assertThat(own.getVersion()).isEqualTo(3);
    assertThat(own.getSubjectUniqueID()).isNull();
    assertThat(peer(signed(extension(true)))).isEqualTo(PeerId.of(identity.publicKey()));
    assertThat(peer(signed(extension(false)))).isEqualTo(PeerId.of(identity.publicKey()));
  }

  @Test
  void wantsExactlyOneCertificate() throws Exception {
    X509Certificate good = signed(extension(true));
    assertRejected(TlsRejection.CERTIFICATE_COUNT);
    assertRejected(TlsRejection.CERTIFICATE_COUNT, good, good);
    assertThatThrownBy(() -> PeerCertificate.verified(null)).isInstanceOf(TlsException.class);
  }

  @Test
  void looksAtTheDates() throws Exception {
    assertRejected(
        TlsRejection.OUT_OF_DATE,
        TlsIdentity.signed(key, now.minus(DAY), now.minusSeconds(5), random, extension(true)));
    assertRejected(
        TlsRejection.OUT_OF_DATE,
        TlsIdentity.signed(key, now.plusSeconds(60), now.plus(DAY), random, extension(true)));
  }

  @Test
  void refusesCriticalExtensionsThatItDoesNotKnowAndNoOthers() throws Exception {
    ASN1ObjectIdentifier unknown = new ASN1ObjectIdentifier("1.2.3.4");
    byte[] value = {5, 0};
    assertRejected(
        TlsRejection.BAD_CERTIFICATE, signed(extension(true), new Extension(unknown, true, value)));
    assertThat(peer(signed(extension(true), new Extension(unknown, false, value))))
        .isEqualTo(PeerId.of(identity.publicKey()));
  }

  @Test
  void refusesACertificateThatAnotherKeySigned() throws Exception {
    byte[] der = signed(extension(true)).getEncoded();
    der[der.length - 1] ^= 1;
    assertRejected(TlsRejection.BAD_CERTIFICATE, certificate(HexFormat.of().formatHex(der)));
  }

  @Test
  void refusesAnExtensionThatProvesNothing() throws Exception {
    assertRejected(TlsRejection.BAD_EXTENSION, signed());
    byte[] ownKey = identity.publicKey().encoded();
    byte[] forOther = identity.sign(new byte[] {1});
    for (byte[] value :
        new byte[][] {
          {},
          {1, 2, 3},
          new byte[5000],
          new DERSequence().getEncoded(),
          new DERSequence(new DEROctetString(ownKey)).getEncoded(),
          new DERSequence(new DEROctetString(new byte[36]), new DEROctetString(forOther))
              .getEncoded(),
          new DERSequence(new DERSequence(), new DERSequence()).getEncoded()
        }) {
      assertRejected(
          TlsRejection.BAD_EXTENSION,
          signed(new Extension(IdentityExtension.OID, true, new DEROctetString(value))));
    }
    byte[] otherSignature =
        new DERSequence(new DEROctetString(ownKey), new DEROctetString(forOther)).getEncoded();
    assertRejected(
        TlsRejection.BAD_SIGNATURE,
        signed(new Extension(IdentityExtension.OID, true, new DEROctetString(otherSignature))));
  }
}
