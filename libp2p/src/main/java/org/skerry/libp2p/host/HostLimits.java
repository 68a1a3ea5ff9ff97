package org.skerry.libp2p.host;

import java.time.Duration;
import org.skerry.libp2p.yamux.YamuxLimits;

/**
 * What a host lets others take from it. Everything beyond is refused and counted.
 *
 * @param handshakeTimeout from accepting or dialling a socket to a usable connection
 * @param negotiationTimeout from the opening of a stream to the choice of its protocol
 * @param maxBufferedBytesPerConnection bytes received and not yet read, over one connection, which
 *     its remote is told; twice as much over all connections with one peer; what QUIC's library
 *     holds of a connection comes on top: 1 MiB, or more where the application has read fast
 * @param maxBufferedBytes bytes received and not yet read, over all connections; the stream that
 *     would exceed it is reset
 * @param maxIdentifyBytes longest identify message accepted
 */
public record HostLimits(
    ConnectionLimits connections,
    StreamLimits streams,
    Duration handshakeTimeout,
    Duration negotiationTimeout,
    long maxBufferedBytesPerConnection,
    long maxBufferedBytes,
    int maxIdentifyBytes) {

  public static final HostLimits DEFAULT =
      new HostLimits(
          ConnectionLimits.of(512, 64, 64),
          StreamLimits.DEFAULT,
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          64L << 20,
          256L << 20,
          64 << 10);

  public HostLimits {
    positive("handshakeTimeout", handshakeTimeout.toNanos());
    positive("negotiationTimeout", negotiationTimeout.toNanos());
    positive("maxBufferedBytesPerConnection", maxBufferedBytesPerConnection);
    positive("maxBufferedBytes", maxBufferedBytes);
    positive("maxIdentifyBytes", maxIdentifyBytes);
  }

  static void positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " " + value + " is not positive");
    }
  }

  public HostLimits with(ConnectionLimits other) {
    return new HostLimits(
        other,
        streams,
        handshakeTimeout,
        negotiationTimeout,
        maxBufferedBytesPerConnection,
        maxBufferedBytes,
        maxIdentifyBytes);
  }

  public HostLimits with(StreamLimits other) {
    return new HostLimits(
        connections,
        other,
        handshakeTimeout,
        negotiationTimeout,
        maxBufferedBytesPerConnection,
        maxBufferedBytes,
        maxIdentifyBytes);
  }

  /** With the other limits of connections in proportion to these. */
  public HostLimits withConnections(int total, int perIp, int pendingHandshakes) {
    return with(ConnectionLimits.of(total, perIp, pendingHandshakes));
  }

  public HostLimits withTimeouts(Duration handshake, Duration negotiation) {
    return new HostLimits(
        connections,
        streams,
        handshake,
        negotiation,
        maxBufferedBytesPerConnection,
        maxBufferedBytes,
        maxIdentifyBytes);
  }

  public HostLimits withBuffers(long perConnection, long total) {
    return new HostLimits(
        connections,
        streams,
        handshakeTimeout,
        negotiationTimeout,
        perConnection,
        total,
        maxIdentifyBytes);
  }

  /** Two connections that crossed may both be full. */
  long maxBufferedBytesPerPeer() {
    return 2 * maxBufferedBytesPerConnection;
  }

  YamuxLimits yamux() {
    YamuxLimits base = YamuxLimits.DEFAULT;
    return new YamuxLimits(
        streams.inboundPerConnection(),
        streams.outboundPerConnection(),
        base.maxUnackedStreams(),
        base.maxWindowBytes(),
        maxBufferedBytesPerConnection,
        base.maxFrameBytes(),
        base.controlFramesPerSecond(),
        base.keepAliveNanos(),
        base.deadAfterNanos());
  }
}
