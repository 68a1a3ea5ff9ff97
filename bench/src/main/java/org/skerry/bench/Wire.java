package org.skerry.bench;

import java.util.List;
import java.util.Locale;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.host.SecureProtocol;

/** What two hosts are connected by. */
enum Wire {
  TLS("/ip4/127.0.0.1/tcp/0", List.of(SecureProtocol.TLS), "tcp-tls-yamux"),
  NOISE("/ip4/127.0.0.1/tcp/0", List.of(SecureProtocol.NOISE), "tcp-noise-yamux"),
  QUIC("/ip4/127.0.0.1/udp/0/quic-v1", List.of(SecureProtocol.values()), "quic");

  private final Multiaddr listen;
  private final List<SecureProtocol> security;
  private final String layers;

  Wire(String listen, List<SecureProtocol> security, String layers) {
    this.listen = Multiaddr.parse(listen);
    this.security = security;
    this.layers = layers;
  }

  /** Where a host listens: any port of this machine. */
  Multiaddr listen() {
    return listen;
  }

  /** What TCP connections are secured with. */
  List<SecureProtocol> security() {
    return security;
  }

  /** What js-libp2p's programs call it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** For names of variants. */
  String layers() {
    return layers;
  }
}
