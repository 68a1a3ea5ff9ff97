package org.skerry.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.dht.DhtConfig;
import org.skerry.libp2p.PeerId;

/** A cable breaks, and is mended when both sides have long forgotten each other. */
class PartedNetworkTest {
  private static final long MINUTE_MS = 60_000;
  private static final int NODES = 80;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2})
  void becomesOneAgainAndFindsWhatEitherSideStored(long seed) {
    SimulatedDht dht =
        new SimulatedDht(
            new Simulation(seed),
            DhtConfig.defaults(),
            Map.of(HashedNamespace.NAME, new HashedNamespace()));
    dht.grow(NODES, 10 * MINUTE_MS);
    List<SimulatedNode> all = List.copyOf(dht.live());
    Set<PeerId> north = new HashSet<>();
    all.subList(0, NODES / 4).forEach(node -> north.add(node.id()));

    dht.network().part(north::contains);
    dht.simulation().runFor(120 * MINUTE_MS);
    for (SimulatedNode node : all) {
      assertThat(node.kademlia().members())
          .as("seed " + seed + ": nobody knows anybody of the other side")
          .isNotEmpty()
          .allMatch(member -> north.contains(member) == north.contains(node.id()));
    }
    byte[] northern = put(dht, all.getFirst(), "northern");
    byte[] southern = put(dht, all.getLast(), "southern");

    dht.network().part(peer -> false);
    dht.simulation().runFor(30 * MINUTE_MS);
    List<PeerId> without = new ArrayList<>();
    for (byte[] key : List.of(northern, southern)) {
      for (SimulatedNode node : all) {
        dht.get(
            node,
            key,
            get -> {
              if (get.best().isEmpty()) {
                without.add(node.id());
              }
            });
      }
    }
    dht.simulation().runFor(MINUTE_MS);
    assertThat(without).as("seed " + seed + ": who does not find a value").isEmpty();
  }

  private static byte[] put(SimulatedDht dht, SimulatedNode from, String text) {
    byte[] value = text.getBytes(StandardCharsets.UTF_8);
    byte[] key = HashedNamespace.keyOf(value);
    dht.put(from, key, value);
    dht.simulation().runFor(MINUTE_MS);
    return key;
  }
}
