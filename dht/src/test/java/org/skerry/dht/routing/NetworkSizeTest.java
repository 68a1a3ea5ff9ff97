package org.skerry.dht.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkSizeTest {
  private static final int K = 20;

  private final Random random = new Random(11);
  private final NetworkSize size = new NetworkSize(K);

  private static List<KademliaKey> network(int peers) {
    return IntStream.range(0, peers)
        .mapToObj(i -> KademliaKey.of(ByteBuffer.allocate(4).putInt(i).array()))
        .toList();
  }

  private KademliaKey randomKey() {
    return new KademliaKey(
        random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }

  private static List<KademliaKey> closest(List<KademliaKey> network, KademliaKey key) {
    return network.stream().sorted(key::compareDistance).limit(K).toList();
  }

  private void sample(List<KademliaKey> network, int lookups) {
    for (int i = 0; i < lookups; i++) {
      KademliaKey key = randomKey();
      size.sample(key, closest(network, key));
    }
  }

  @Test
  void knowsNothingBeforeTheFirstLookup() {
    assertThat(size.estimate()).isEmpty();
    assertThat(size.isCrowded(randomKey(), network(K))).isFalse();
    assertThat(size.regionBits()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 25, 300, 5000})
  void estimatesTheNumberOfPeers(int peers) {
    sample(network(peers), 32);
    assertThat(size.estimate().orElseThrow()).isCloseTo(peers, within(0.15 * peers + 0.5));
  }

  @Test
  void isNotMovedByPeersAroundSomeOfTheKeys() {
    sample(network(1000), 20);
    KademliaKey attacked = randomKey();
    List<KademliaKey> attackers =
        IntStream.range(0, K)
            .mapToObj(i -> new KademliaKey(attacked.word0(), attacked.word1(), 0, i))
            .toList();
    for (int i = 0; i < 12; i++) {
      size.sample(attacked, attackers);
    }
    assertThat(size.estimate().orElseThrow()).isBetween(700.0, 1600.0);
  }

  @Test
  void tellsAnAttackFromChance() {
    List<KademliaKey> network = network(2000);
    sample(network, 32);
    int crowded = 0;
    for (int i = 0; i < 500; i++) {
      KademliaKey key = randomKey();
      crowded += size.isCrowded(key, closest(network, key)) ? 1 : 0;
    }
    assertThat(crowded).isLessThan(25);
    KademliaKey key = randomKey();
    Stream<KademliaKey> sybils =
        IntStream.range(0, K).mapToObj(i -> new KademliaKey(key.word0() ^ i, i, 0, 0));
    List<KademliaKey> joined = Stream.concat(network.stream(), sybils).toList();
    assertThat(size.isCrowded(key, closest(joined, key))).isTrue();
  }

  @Test
  void namesARegionOfOneToTwoTimesKPeers() {
    List<KademliaKey> network = network(5000);
    sample(network, 32);
    double inRegion =
        IntStream.range(0, 200)
            .mapToLong(i -> {
              KademliaKey key = randomKey();
              return network.stream()
                  .filter(peer -> key.commonPrefixBits(peer) >= size.regionBits())
                  .count();
            })
            .average()
            .orElseThrow();
    assertThat(inRegion).isBetween(K * 0.9, 2.2 * K);
  }
}
