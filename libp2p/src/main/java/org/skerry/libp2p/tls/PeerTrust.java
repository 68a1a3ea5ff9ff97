package org.skerry.libp2p.tls;

import io.netty.handler.codec.quic.QuicSslEngine;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Takes every certificate that proves an identity: whose it is, is asked afterwards. */
final class PeerTrust extends X509ExtendedTrustManager {
  private static final String REJECTION = "org.skerry.libp2p.tls.rejection";

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType) throws TlsException {
    PeerCertificate.verified(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType) throws TlsException {
    PeerCertificate.verified(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws TlsException {
    PeerCertificate.verified(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws TlsException {
    PeerCertificate.verified(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws TlsException {
    check(chain, engine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws TlsException {
    check(chain, engine);
  }

  private static void check(X509Certificate[] chain, SSLEngine engine) throws TlsException {
    try {
      PeerCertificate.verified(chain);
    } catch (TlsException e) {
      if (engine instanceof QuicSslEngine) { // which tells of its failures without their causes
        engine.getSession().putValue(REJECTION, e);
      }
      throw e;
    }
  }

  /** Why a QUIC engine's certificate was refused. */
  static Optional<TlsException> rejection(SSLEngine engine) {
    return Optional.ofNullable((TlsException) engine.getSession().getValue(REJECTION));
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
