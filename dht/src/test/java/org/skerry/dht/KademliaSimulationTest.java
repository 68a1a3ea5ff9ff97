package org.skerry.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.skerry.dht.TestNetwork.bytes;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.PeerId;

/** Three hundred nodes, a fifth of all messages lost, five of a hundred nodes lying. */
class KademliaSimulationTest {
  private static final int NODES = 300;
  private static final int LIARS = 15;
  private static final int K = 20;
  private static final int VALUES = 25;
  private static final long MINUTE_MS = 60_000;

  private static SimulatedKademlia grown(long seed) {
    SimulatedKademlia network = new SimulatedKademlia(seed);
    network.loss = 0.2;
    for (int i = 0; i < NODES; i++) {
      network.join(i > 5 && i % (NODES / LIARS) == 0);
      network.runFor(500);
    }
    network.runFor(5 * MINUTE_MS);
    return network;
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = 1)
  void lookupsFindTheTrulyClosestPeersUnderLossLiesAndChurn(long seed) {
    SimulatedKademlia network = grown(seed);
    for (int minute = 0; minute < 30; minute++) {
      network.leave(network.randomHonest());
      network.leave(network.randomHonest());
      network.join(false);
      network.join(false);
      network.runFor(MINUTE_MS);
    }
    int lookups = 60;
    AtomicInteger done = new AtomicInteger();
    AtomicInteger found = new AtomicInteger();
    AtomicInteger nearest = new AtomicInteger();
    for (int i = 0; i < lookups; i++) {
      byte[] key = bytes("/words/" + i);
      SimulatedKademlia.Node node = network.randomHonest();
      List<PeerId> truth = new ArrayList<>(network.trulyClosest(key, K + 1));
      truth.remove(node.id);
      node.lookup(
          key,
          lookup -> {
            done.incrementAndGet();
            Set<PeerId> closest = new HashSet<>(lookup.closest());
            truth.subList(0, K).stream()
                .filter(closest::contains)
                .forEach(p -> found.incrementAndGet());
            if (closest.contains(truth.getFirst())) {
              nearest.incrementAndGet();
            }
          });
      network.runFor(MINUTE_MS / 2);
    }
    assertThat(done).hasValue(lookups);
    assertThat(found.get() / (double) (lookups * K)).isGreaterThan(0.95);
    assertThat(nearest.get()).isGreaterThanOrEqualTo(lookups - 3);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = 3)
  void valuesSurviveThatHalfOfTheNodesLeaveAndAreSpreadAgain(long seed) {
    SimulatedKademlia network = grown(seed);
    for (int i = 0; i < VALUES; i++) {
      network.randomHonest().put(bytes("/words/" + i), bytes("word" + i));
    }
    network.runFor(MINUTE_MS);
    List<SimulatedKademlia.Node> nodes = new ArrayList<>(network.live.values());
    Collections.shuffle(nodes, network.random);
    nodes.subList(0, NODES / 2).forEach(network::leave);
    assertThat(holders(network)).as("holders right after half have left").isLessThan(14);
    assertThat(valuesFound(network)).isEqualTo(VALUES);
    network.runFor(90 * MINUTE_MS);
    assertThat(holders(network)).as("holders after republishing").isGreaterThan(17);
    assertThat(valuesFound(network)).isEqualTo(VALUES);
  }

  /** How many of the K peers truly nearest to a value hold it, on average; liars hold none. */
  private static double holders(SimulatedKademlia network) {
    int holders = 0;
    for (int i = 0; i < VALUES; i++) {
      byte[] key = bytes("/words/" + i);
      for (PeerId peer : network.trulyClosest(key, K)) {
        if (network.holds(peer, key)) {
          holders++;
        }
      }
    }
    return holders / (double) VALUES;
  }

  private static int valuesFound(SimulatedKademlia network) {
    AtomicInteger found = new AtomicInteger();
    for (int i = 0; i < VALUES; i++) {
      byte[] value = bytes("word" + i);
      network
          .randomHonest()
          .get(
              bytes("/words/" + i),
              got ->
                  got.filter(v -> java.util.Arrays.equals(v, value))
                      .ifPresent(v -> found.incrementAndGet()));
    }
    network.runFor(MINUTE_MS);
    return found.get();
  }
}
