package org.skerry.libp2p.tls;

/** Why a TLS channel was refused; metrics count these. */
public enum TlsRejection {
  /** The other side sent no certificate, or several. */
  CERTIFICATE_COUNT,
  /** It cannot be read, is not signed by its own key, or has a critical extension nobody knows. */
  BAD_CERTIFICATE,
  /** It is not valid yet, or not any more. */
  OUT_OF_DATE,
  /** The libp2p extension is missing, or not what it should be. */
  BAD_EXTENSION,
  /** The identity key did not sign the certificate's key. */
  BAD_SIGNATURE,
  /** The other side proved an identity, but not the one that was dialled. */
  WRONG_PEER,
  /** TLS itself failed: another version, no application protocol in common, garbage. */
  HANDSHAKE
}
