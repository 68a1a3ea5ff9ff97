package org.skerry.libp2p.host;

/**
 * How many streams are open at once. An inbound one that would be one too many is reset.
 *
 * @param inboundPerConnection that a peer may open to this host; others, it may not even try
 * @param outboundPerConnection that this host may open to a peer
 * @param inbound over all connections
 * @param inboundPerPeer over all connections with one peer
 * @param inboundPerProtocol over all connections, of one protocol
 */
public record StreamLimits(
    int inboundPerConnection,
    int outboundPerConnection,
    int inbound,
    int inboundPerPeer,
    int inboundPerProtocol) {
  static final StreamLimits DEFAULT = new StreamLimits(1024, 1024, 8192, 2048, 4096);

  public StreamLimits {
    HostLimits.positive("inboundPerConnection", inboundPerConnection);
    HostLimits.positive("outboundPerConnection", outboundPerConnection);
    HostLimits.positive("inbound", inbound);
    HostLimits.positive("inboundPerPeer", inboundPerPeer);
    HostLimits.positive("inboundPerProtocol", inboundPerProtocol);
  }
}
