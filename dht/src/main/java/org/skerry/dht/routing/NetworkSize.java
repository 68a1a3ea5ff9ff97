package org.skerry.dht.routing;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How many servers the network has, told from how near the k nearest of them are to keys that
 * nobody chose. With n peers spread evenly, the k-th nearest is Gamma-distributed, and (k−1) over
 * its share of the key space is an unbiased estimate of n with a deviation of n/√(k−2).
 *
 * <p>The median of many such keys stands: peers that somebody placed around some keys move few of
 * the samples. Thread-safe.
 */
public final class NetworkSize {
  private static final int SAMPLES = 32;

  private final int k;
  private final double[] samples = new double[SAMPLES];
  private long taken;

  public NetworkSize(int k) {
    this.k = k;
  }

  /** Takes the peers nearest to a key, nearest first, as a lookup found them. */
  public synchronized void sample(KademliaKey key, List<KademliaKey> closest) {
    samples[(int) (taken++ % SAMPLES)] =
        closest.size() < k ? closest.size() : (k - 1) / key.distance(closest.get(k - 1));
  }

  /** How many there are; nothing while no lookup has told. */
  public synchronized OptionalDouble estimate() {
    if (taken == 0) {
      return OptionalDouble.empty();
    }
    double[] sorted = Arrays.copyOf(samples, (int) Math.min(taken, SAMPLES));
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return OptionalDouble.of(
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2);
  }

  /**
   * Whether the k nearest peers of a key stand so near to it that somebody may have put them there:
   * twice as near as k peers of this network do in the mean. By chance that happens to a key in
   * 300, or in 30 where the estimate is too low by a fifth, and costs some lookups. Attackers who
   * stay below it leave half of the k nearest to others.
   *
   * @param closest nearest first
   */
  public boolean isCrowded(KademliaKey key, List<KademliaKey> closest) {
    return closest.size() >= k
        && estimate().orElse(Double.MAX_VALUE) * key.distance(closest.get(k - 1)) < k / 2.0;
  }

  /**
   * How many leading bits a peer shares with a key in whose neighbourhood holders are to be found:
   * between k and 2k honest peers share as many.
   */
  public int regionBits() {
    double peersPerHolder = estimate().orElse(0) / k;
    return peersPerHolder < 1 ? 0 : Math.min(Math.getExponent(peersPerHolder), Preimages.MAX_BITS);
  }
}
