package org.skerry.libp2p.host;

/** A protocol that makes a TCP connection a secure channel between two identities. */
public enum SecureProtocol {
  /** TLS 1.3 with the identity in a certificate's extension. */
  TLS("/tls/1.0.0"),
  /** Noise XX, which every libp2p implementation speaks. */
  NOISE("/noise");

  private final String id;

  SecureProtocol(String id) {
    this.id = id;
  }

  /** What multistream-select calls it. */
  String id() {
    return id;
  }

  static SecureProtocol of(String id) {
    for (SecureProtocol protocol : values()) {
      if (protocol.id.equals(id)) {
        return protocol;
      }
    }
    throw new IllegalArgumentException("no secure protocol " + id);
  }
}
