package org.skerry.libp2p.tls;

import java.security.cert.CertificateException;

/** Carries a rejection through the TLS engine, which takes this kind of exception alone. */
final class TlsException extends CertificateException {
  private static final long serialVersionUID = 1L;

  private final TlsRejection rejection;

  TlsException(TlsRejection rejection, String message) {
    super(message);
    this.rejection = rejection;
  }

  TlsRejection rejection() {
    return rejection;
  }
}
