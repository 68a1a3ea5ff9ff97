package org.skerry.libp2p.tls;

import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import org.skerry.libp2p.crypto.PrivateKey;

/** QUIC's TLS as other programs might set it up: it believes everybody. */
public final class ForeignTls {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Who it says it is. */
  public enum Certificate {
    /** Some peer. */
    PEER,
    /** No peer: the certificate has no extension. */
    BARE,
    /** No certificate at all. */
    NONE
  }

  private ForeignTls() {}

  public static QuicSslContext client(Certificate shown, String protocol) throws Exception {
    QuicSslContextBuilder builder = QuicSslContextBuilder.forClient();
    if (shown != Certificate.NONE) {
      KeyPair key = TlsIdentity.newKey(RANDOM);
      builder.keyManager(key.getPrivate(), null, certificate(shown, key));
    }
    return built(builder, protocol);
  }

  public static QuicSslContext server(Certificate shown) throws Exception {
    KeyPair key = TlsIdentity.newKey(RANDOM);
    return built(
        QuicSslContextBuilder.forServer(key.getPrivate(), null, certificate(shown, key))
            .clientAuth(ClientAuth.REQUIRE),
        TlsIdentity.NO_MUXER);
  }

  private static QuicSslContext built(QuicSslContextBuilder builder, String protocol) {
    return builder
        .trustManager(InsecureTrustManagerFactory.INSTANCE)
        .applicationProtocols(protocol)
        .build();
  }

  private static X509Certificate certificate(Certificate shown, KeyPair key) throws Exception {
    Instant now = Instant.now();
    return shown == Certificate.PEER
        ? TlsIdentity.certificate(PrivateKey.generate(RANDOM), key, now, RANDOM)
        : TlsIdentity.signed(key, now.minusSeconds(60), now.plusSeconds(60), RANDOM);
  }
}
