package org.skerry.libp2p.host;

import java.security.SecureRandom;
import java.util.List;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.noise.NoiseIdentity;
import org.skerry.libp2p.tls.TlsIdentity;

/**
 * With what a host's connections are secured.
 *
 * @param protocols that it speaks, the preferred first
 */
record Security(List<SecureProtocol> protocols, NoiseIdentity noise, TlsIdentity tls) {
  Security {
    protocols = List.copyOf(protocols);
  }

  /** Under a new static key and a new certificate of {@code identity}. */
  static Security of(PrivateKey identity, List<SecureProtocol> protocols) {
    SecureRandom random = new SecureRandom();
    return new Security(
        protocols,
        NoiseIdentity.create(identity, random),
        TlsIdentity.create(identity, ConnectionUpgrade.MUXERS, random));
  }

  /** As multistream-select calls them. */
  List<String> protocolIds() {
    return protocols.stream().map(SecureProtocol::id).toList();
  }
}
