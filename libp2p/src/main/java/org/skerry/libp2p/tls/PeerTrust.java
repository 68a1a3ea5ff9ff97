package org.skerry.libp2p.tls;

import io.netty.handler.codec.quic.QuicSslEngine;
import java.net.Socket;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.X509ExtendedTrustManager;
import org.skerry.libp2p.PeerId;

/** Takes every certificate that proves an identity: whose it is, is asked afterwards. */
final class PeerTrust extends X509ExtendedTrustManager {
  private static final String REJECTION = "org.skerry.libp2p.tls.rejection";
  private static final String PROOF = "org.skerry.libp2p.tls.proof";

  /** That a certificate proves an identity. */
  private record Proof(Certificate certificate, PeerId peer) {}

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
      PeerId peer = PeerCertificate.verified(chain);
      engine.getSession().putValue(PROOF, new Proof(chain[0], peer));
    } catch (TlsException e) {
      if (engine instanceof QuicSslEngine) { // which tells of its failures without their causes
        engine.getSession().putValue(REJECTION, e);
      }
      throw e;
    }
  }

  /**
   * The identity that the certificate of an ended handshake proves. It was verified while the
   * handshake ran; an engine that skipped that, or remembers it for another session, has it
   * verified now.
   */
  static PeerId peer(SSLEngine engine) throws SSLPeerUnverifiedException, TlsException {
    Certificate[] chain = engine.getSession().getPeerCertificates();
    return engine.getSession().getValue(PROOF) instanceof Proof proof
            && chain.length == 1
            && proof.certificate().equals(chain[0])
        ? proof.peer()
        : PeerCertificate.verified(chain);
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
