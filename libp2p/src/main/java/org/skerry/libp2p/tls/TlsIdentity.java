package org.skerry.libp2p.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.net.ssl.SSLException;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.skerry.libp2p.crypto.PrivateKey;

/**
 * This host's certificate, made once a start, and the TLS engines that show it: BoringSSL where its
 * library runs, the JDK elsewhere. Thread-safe.
 */
public final class TlsIdentity {
  /** The application protocol of those who negotiate the muxer inside the channel. */
  public static final String NO_MUXER = "libp2p";

  /** Peers' clocks differ. */
  private static final Duration BACKDATED = Duration.ofHours(1);

  private static final Duration VALID = Duration.ofDays(100 * 365);
  private static final AlgorithmIdentifier SIGNATURE_ALGORITHM =
      new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);

  private final KeyPair key;
  private final X509Certificate certificate;
  private final SslContext client;
  private final SslContext server;

  private TlsIdentity(
      KeyPair key, X509Certificate certificate, SslContext client, SslContext server) {
    this.key = key;
    this.certificate = certificate;
    this.client = client;
    this.server = server;
  }

  /** Whether BoringSSL runs here. */
  public static boolean isNative() {
    return OpenSsl.isAvailable();
  }

  /**
   * A new certificate for {@code identity}.
   *
   * @param muxers that both sides of a handshake may agree on, the preferred first
   */
  public static TlsIdentity create(PrivateKey identity, List<String> muxers, SecureRandom random) {
    return create(identity, muxers, random, isNative() ? SslProvider.OPENSSL : SslProvider.JDK);
  }

  static TlsIdentity create(
      PrivateKey identity, List<String> muxers, SecureRandom random, SslProvider provider) {
    try {
      KeyPair key = newKey(random);
      X509Certificate certificate = certificate(identity, key, Instant.now(), random);
      return of(key, certificate, muxers, provider);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("P-256, SHA-256 and TLS 1.3 are part of every platform", e);
    }
  }

  /** Engines that show {@code certificate}. */
  static TlsIdentity of(
      KeyPair key, X509Certificate certificate, List<String> muxers, SslProvider provider)
      throws SSLException {
    SslContextBuilder client =
        SslContextBuilder.forClient()
            .keyManager(key.getPrivate(), certificate)
            // Names mean nothing here: the certificate's extension says who it is.
            .endpointIdentificationAlgorithm(null);
    SslContextBuilder server =
        SslContextBuilder.forServer(key.getPrivate(), certificate).clientAuth(ClientAuth.REQUIRE);
    List<String> protocols = new ArrayList<>(muxers);
    protocols.add(NO_MUXER);
    return new TlsIdentity(
        key, certificate, built(client, protocols, provider), built(server, protocols, provider));
  }

  private static SslContext built(
      SslContextBuilder builder, List<String> protocols, SslProvider provider) throws SSLException {
    return builder
        .sslProvider(provider)
        .protocols("TLSv1.3")
        .trustManager(new PeerTrust())
        .applicationProtocolConfig(alpn(protocols, provider))
        .build();
  }

  /** BoringSSL cannot end a handshake without a protocol in common: {@link TlsResult} does. */
  static ApplicationProtocolConfig alpn(List<String> protocols, SslProvider provider) {
    boolean jdk = provider == SslProvider.JDK;
    return new ApplicationProtocolConfig(
        Protocol.ALPN,
        jdk ? SelectorFailureBehavior.FATAL_ALERT : SelectorFailureBehavior.NO_ADVERTISE,
        jdk ? SelectedListenerFailureBehavior.FATAL_ALERT : SelectedListenerFailureBehavior.ACCEPT,
        protocols);
  }

  /** A handler of one connection. It sends no server name. */
  public SslHandler newHandler(boolean initiator, ByteBufAllocator buffers) {
    return (initiator ? client : server).newHandler(buffers);
  }

  /** The same certificate for QUIC, where its library runs. */
  public QuicTls quic() {
    return QuicTls.of(key, certificate);
  }

  static KeyPair newKey(SecureRandom random) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"), random);
    return generator.generateKeyPair();
  }

  /** A certificate of {@code key} that {@code identity} vouches for. */
  static X509Certificate certificate(
      PrivateKey identity, KeyPair key, Instant now, SecureRandom random)
      throws GeneralSecurityException, IOException {
    byte[] spki = key.getPublic().getEncoded();
    Extension extension =
        new Extension(IdentityExtension.OID, true, IdentityExtension.of(identity, spki));
    return signed(key, now.minus(BACKDATED), now.plus(VALID), random, extension);
  }

  static X509Certificate signed(
      KeyPair key, Instant from, Instant to, SecureRandom random, Extension... extensions)
      throws GeneralSecurityException, IOException {
    X500Name name = new X500Name("O=libp2p.io");
    V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
    generator.setSerialNumber(new ASN1Integer(new BigInteger(63, random).add(BigInteger.ONE)));
    generator.setSignature(SIGNATURE_ALGORITHM);
    generator.setIssuer(name);
    generator.setSubject(name);
    generator.setStartDate(new Time(Date.from(from)));
    generator.setEndDate(new Time(Date.from(to)));
    generator.setSubjectPublicKeyInfo(
        SubjectPublicKeyInfo.getInstance(key.getPublic().getEncoded()));
    if (extensions.length > 0) {
      generator.setExtensions(new Extensions(extensions));
    }
    TBSCertificate body = generator.generateTBSCertificate();
    Signature signer = Signature.getInstance("SHA256withECDSA");
    signer.initSign(key.getPrivate(), random);
    signer.update(body.getEncoded(ASN1Encoding.DER));
    byte[] der =
        new DERSequence(
                new ASN1Encodable[] {body, SIGNATURE_ALGORITHM, new DERBitString(signer.sign())})
            .getEncoded(ASN1Encoding.DER);
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
  }
}
