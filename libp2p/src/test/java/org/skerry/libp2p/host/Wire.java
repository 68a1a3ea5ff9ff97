package org.skerry.libp2p.host;

import java.util.List;
import org.skerry.libp2p.Multiaddr;

/** By what two hosts are connected. */
enum Wire {
  TLS("/ip4/127.0.0.1/tcp/0", List.of(SecureProtocol.TLS)),
  NOISE("/ip4/127.0.0.1/tcp/0", List.of(SecureProtocol.NOISE)),
  QUIC("/ip4/127.0.0.1/udp/0/quic-v1", List.of(SecureProtocol.values()));

  private final Multiaddr listen;
  private final List<SecureProtocol> security;

  Wire(String listen, List<SecureProtocol> security) {
    this.listen = Multiaddr.parse(listen);
    this.security = security;
  }

  /** Where a host listens: any port of this machine. */
  Multiaddr listen() {
    return listen;
  }

  /** What the host secures with where this is up to it. */
  List<SecureProtocol> security() {
    return security;
  }
}
