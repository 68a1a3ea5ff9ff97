package org.skerry.libp2p.relay;

import java.time.Duration;

/**
 * What a relay does for others.
 *
 * @param reservations peers at once that may be reached through it
 * @param reservationsPerIp of them, at one IP address
 * @param reservationTime how long one holds before it is to be renewed
 * @param circuits connections at once that it carries
 * @param circuitsPerPeer of them, that one peer has opened, or that lead to one peer
 * @param circuitTime how long one lasts at most
 * @param circuitBytes how much it carries each way at most
 * @param bytesPerSecond how fast all of them together are, both ways counted
 */
public record RelayLimits(
    int reservations,
    int reservationsPerIp,
    Duration reservationTime,
    int circuits,
    int circuitsPerPeer,
    Duration circuitTime,
    long circuitBytes,
    long bytesPerSecond) {
  /** Enough to carry the weights of an expert, at a rate that a home line does not notice much. */
  public static final RelayLimits DEFAULT =
      new RelayLimits(128, 8, Duration.ofHours(1), 64, 16, Duration.ofHours(2), 2L << 30, 1L << 20);

  public RelayLimits {
    if (reservations < 0
        || reservationsPerIp < 1
        || circuits < 0
        || circuitsPerPeer < 1
        || !reservationTime.isPositive()
        || !circuitTime.isPositive()
        || circuitBytes < 1
        || bytesPerSecond < 1) {
      throw new IllegalArgumentException("a limit of a relay is not positive");
    }
  }
}
