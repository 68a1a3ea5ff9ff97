package org.skerry.libp2p.host;

import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.pnet.PreSharedKey;
import org.skerry.libp2p.tls.TlsIdentity;

/**
 * How a host runs.
 *
 * @param listen addresses such as {@code /ip4/0.0.0.0/tcp/4001} or {@code
 *     /ip4/0.0.0.0/udp/4001/quic-v1}; port 0 takes a free one
 * @param agentVersion what identify says, such as {@code skerry/0.1.0}
 * @param security what TCP connections may be secured with, the preferred first
 * @param privateNetwork the key without which nobody gets a connection, and no other network is
 *     reached; empty for the public network
 * @param sockets one that {@linkplain Sockets#isAvailable() is available} here
 */
public record HostConfig(
    List<Multiaddr> listen,
    String agentVersion,
    HostLimits limits,
    List<SecureProtocol> security,
    Optional<PreSharedKey> privateNetwork,
    Sockets sockets) {
  public HostConfig {
    listen = List.copyOf(listen);
    security = List.copyOf(security);
    if (!sockets.isAvailable()) {
      throw new IllegalArgumentException("sockets by " + sockets + " are not available here");
    }
    if (security.isEmpty()) {
      throw new IllegalArgumentException("connections need something to secure them");
    }
    if (agentVersion.isBlank() || agentVersion.length() > 128) {
      throw new IllegalArgumentException("agent version '" + agentVersion + "' not 1..128 long");
    }
  }

  /** In the public network, with the best sockets that there are. */
  public HostConfig(
      List<Multiaddr> listen,
      String agentVersion,
      HostLimits limits,
      List<SecureProtocol> security) {
    this(listen, agentVersion, limits, security, Optional.empty(), Sockets.best());
  }

  /**
   * Secures connections by TLS, or by Noise where the other side has no TLS; the other way round
   * where the JDK's TLS is all there is, which cannot read the nameless certificates of js-libp2p.
   */
  public HostConfig(List<Multiaddr> listen, String agentVersion, HostLimits limits) {
    this(
        listen,
        agentVersion,
        limits,
        TlsIdentity.isNative()
            ? List.of(SecureProtocol.TLS, SecureProtocol.NOISE)
            : List.of(SecureProtocol.NOISE, SecureProtocol.TLS));
  }

  /** Listens at {@code listen} as {@code skerry/version} with the default limits. */
  public static HostConfig listening(String version, Multiaddr... listen) {
    return new HostConfig(List.of(listen), "skerry/" + version, HostLimits.DEFAULT);
  }

  public HostConfig withLimits(HostLimits other) {
    return new HostConfig(listen, agentVersion, other, security, privateNetwork, sockets);
  }

  public HostConfig withListen(List<Multiaddr> other) {
    return new HostConfig(other, agentVersion, limits, security, privateNetwork, sockets);
  }

  public HostConfig withPrivateNetwork(Optional<PreSharedKey> key) {
    return new HostConfig(listen, agentVersion, limits, security, key, sockets);
  }

  public HostConfig withSockets(Sockets other) {
    return new HostConfig(listen, agentVersion, limits, security, privateNetwork, other);
  }
}
