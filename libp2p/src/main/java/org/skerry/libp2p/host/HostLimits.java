package org.skerry.libp2p.host;

import java.time.Duration;
import org.skerry.libp2p.yamux.YamuxLimits;

/**
 * What a host lets others take from it. Everything beyond is refused and counted.
 *
 * @param maxConnections connections at once, both directions, handshakes included
 * @param maxConnectionsPerIp inbound connections at once from one IPv4 address or IPv6 /64
 * @param maxPendingHandshakes inbound connections whose handshake is not finished; half of them may
 *     come from one IPv4 address or IPv6 /64
 * @param handshakeTimeout from accepting or dialling a socket to a usable connection
 * @param negotiationTimeout from the opening of a stream to the choice of its protocol
 * @param maxInboundStreams streams a peer may have open to this host, per connection
 * @param maxOutboundStreams streams this host may have open to a peer, per connection
 * @param maxBufferedBytesPerConnection bytes received and not yet read, over one connection; what
 *     QUIC's library holds of it comes on top: 1 MiB, or more where the application has read fast
 * @param maxBufferedBytes bytes received and not yet read, over all connections; the stream that
 *     would exceed it is reset
 * @param maxIdentifyBytes longest identify message accepted
 */
public record HostLimits(
    int maxConnections,
    int maxConnectionsPerIp,
    int maxPendingHandshakes,
    Duration handshakeTimeout,
    Duration negotiationTimeout,
    int maxInboundStreams,
    int maxOutboundStreams,
    long maxBufferedBytesPerConnection,
    long maxBufferedBytes,
    int maxIdentifyBytes) {

  public static final HostLimits DEFAULT =
      new HostLimits(
          512,
          64,
          64,
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          1024,
          1024,
          64L << 20,
          256L << 20,
          64 << 10);

  public HostLimits {
    positive("maxConnections", maxConnections);
    positive("maxConnectionsPerIp", maxConnectionsPerIp);
    positive("maxPendingHandshakes", maxPendingHandshakes);
    positive("handshakeTimeout", handshakeTimeout.toNanos());
    positive("negotiationTimeout", negotiationTimeout.toNanos());
    positive("maxInboundStreams", maxInboundStreams);
    positive("maxOutboundStreams", maxOutboundStreams);
    positive("maxBufferedBytesPerConnection", maxBufferedBytesPerConnection);
    positive("maxBufferedBytes", maxBufferedBytes);
    positive("maxIdentifyBytes", maxIdentifyBytes);
  }

  private static void positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " " + value + " is not positive");
    }
  }

  public HostLimits withConnections(int total, int perIp, int pendingHandshakes) {
    return new HostLimits(
        total,
        perIp,
        pendingHandshakes,
        handshakeTimeout,
        negotiationTimeout,
        maxInboundStreams,
        maxOutboundStreams,
        maxBufferedBytesPerConnection,
        maxBufferedBytes,
        maxIdentifyBytes);
  }

  public HostLimits withTimeouts(Duration handshake, Duration negotiation) {
    return new HostLimits(
        maxConnections,
        maxConnectionsPerIp,
        maxPendingHandshakes,
        handshake,
        negotiation,
        maxInboundStreams,
        maxOutboundStreams,
        maxBufferedBytesPerConnection,
        maxBufferedBytes,
        maxIdentifyBytes);
  }

  public HostLimits withBuffers(long perConnection, long total) {
    return new HostLimits(
        maxConnections,
        maxConnectionsPerIp,
        maxPendingHandshakes,
        handshakeTimeout,
        negotiationTimeout,
        maxInboundStreams,
        maxOutboundStreams,
        perConnection,
        total,
        maxIdentifyBytes);
  }

  /** Whoever opens sockets and stays silent must not keep everybody else out. */
  int maxPendingHandshakesPerIp() {
    return (maxPendingHandshakes + 1) / 2;
  }

  YamuxLimits yamux() {
    YamuxLimits base = YamuxLimits.DEFAULT;
    return new YamuxLimits(
        maxInboundStreams,
        maxOutboundStreams,
        base.maxUnackedStreams(),
        base.maxWindowBytes(),
        maxBufferedBytesPerConnection,
        base.maxFrameBytes(),
        base.controlFramesPerSecond(),
        base.keepAliveNanos(),
        base.deadAfterNanos());
  }
}
