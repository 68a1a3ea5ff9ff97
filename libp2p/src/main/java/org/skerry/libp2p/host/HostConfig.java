package org.skerry.libp2p.host;

import java.util.List;
import org.skerry.libp2p.Multiaddr;

/**
 * How a host runs.
 *
 * @param listen addresses such as {@code /ip4/0.0.0.0/tcp/4001}; port 0 takes a free one
 * @param agentVersion what identify says, such as {@code skerry/0.1.0}
 */
public record HostConfig(List<Multiaddr> listen, String agentVersion, HostLimits limits) {
  public HostConfig {
    listen = List.copyOf(listen);
    if (agentVersion.isBlank() || agentVersion.length() > 128) {
      throw new IllegalArgumentException("agent version '" + agentVersion + "' not 1..128 long");
    }
  }

  /** Listens at {@code listen} as {@code skerry/version} with the default limits. */
  public static HostConfig listening(String version, Multiaddr... listen) {
    return new HostConfig(List.of(listen), "skerry/" + version, HostLimits.DEFAULT);
  }

  public HostConfig withLimits(HostLimits other) {
    return new HostConfig(listen, agentVersion, other);
  }
}
