package org.skerry.libp2p.host;

import java.time.Duration;

/**
 * How many connections a host has.
 *
 * @param most at once, both directions, handshakes included
 * @param mostInbound of these, that others dialled: the rest is kept for dialling
 * @param high with more than these, idle connections are closed, those idle for longest first
 * @param low so many are then left, unless more are in use
 * @param idle how long a connection has had no streams before it is closed for that: who has just
 *     connected may be about to ask for something
 * @param perIp inbound at once from one IPv4 address or IPv6 /64
 * @param perSubnet inbound at once from one IPv4 /24 or IPv6 /48
 * @param perPeer at once with one peer, both directions
 * @param pendingHandshakes inbound ones whose handshake is not finished; half of them may come from
 *     one IPv4 address or IPv6 /64
 * @param perSecondPerIp new inbound ones from one IPv4 address or IPv6 /64, after four times {@code
 *     perIp} at once
 */
public record ConnectionLimits(
    int most,
    int mostInbound,
    int high,
    int low,
    Duration idle,
    int perIp,
    int perSubnet,
    int perPeer,
    int pendingHandshakes,
    int perSecondPerIp) {
  /** Two that crossed, one by each transport, and one through a relay. */
  private static final int PER_PEER = 8;

  private static final Duration IDLE = Duration.ofSeconds(10);

  public ConnectionLimits {
    HostLimits.positive("most", most);
    HostLimits.positive("mostInbound", mostInbound);
    HostLimits.positive("high", high);
    HostLimits.positive("low", low);
    HostLimits.positive("idle", idle.toNanos());
    HostLimits.positive("perIp", perIp);
    HostLimits.positive("perSubnet", perSubnet);
    HostLimits.positive("perPeer", perPeer);
    HostLimits.positive("pendingHandshakes", pendingHandshakes);
    HostLimits.positive("perSecondPerIp", perSecondPerIp);
    if (low > high || high > most || mostInbound > most) {
      throw new IllegalArgumentException(
          "not low <= high <= most and mostInbound <= most: %d, %d, %d, %d"
              .formatted(low, high, most, mostInbound));
    }
  }

  /** With the rest in proportion: an eighth kept for dialling, idle ones closed beyond 3/4. */
  static ConnectionLimits of(int most, int perIp, int pendingHandshakes) {
    return new ConnectionLimits(
        most,
        most - most / 8,
        most - most / 4,
        most - most * 3 / 8,
        IDLE,
        perIp,
        2 * perIp,
        PER_PEER,
        pendingHandshakes,
        (perIp + 3) / 4);
  }

  ConnectionLimits withIdle(Duration other) {
    return new ConnectionLimits(
        most,
        mostInbound,
        high,
        low,
        other,
        perIp,
        perSubnet,
        perPeer,
        pendingHandshakes,
        perSecondPerIp);
  }

  /** Whoever opens sockets and stays silent must not keep everybody else out. */
  int pendingHandshakesPerIp() {
    return (pendingHandshakes + 1) / 2;
  }
}
