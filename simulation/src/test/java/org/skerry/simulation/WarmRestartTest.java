package org.skerry.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.dht.DhtConfig;
import org.skerry.dht.PeerStore;
import org.skerry.dht.record.RecordStore;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/** A node of a simulated network is killed and comes back; all its bootstrap peers are dead. */
class WarmRestartTest {
  private static final long MINUTE_MS = 60_000;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2})
  void joinsThroughThePeersItKnewThoughHalfOfThemAreGone(long seed) {
    SimulatedDht dht =
        new SimulatedDht(
            new Simulation(seed),
            DhtConfig.defaults(),
            Map.of(HashedNamespace.NAME, new HashedNamespace()));
    dht.grow(60, MINUTE_MS);
    List<SimulatedNode> contacts = List.copyOf(dht.live().subList(0, 2));
    List<Multiaddr> bootstrap =
        contacts.stream().map(node -> node.address().withPeerId(node.id())).toList();
    PeerStore disk = PeerStore.inMemory();
    PeerId id = dht.network().newId();
    Multiaddr address = dht.network().newAddress();
    SimulatedNode before = node(dht, id, address, disk, bootstrap);
    dht.simulation().runFor(2 * MINUTE_MS);
    assertThat(before.kademlia().members()).hasSizeGreaterThan(20);
    before.kill();
    contacts.forEach(dht::kill);
    dht.kill(0.5);
    dht.simulation().runFor(10 * MINUTE_MS);

    SimulatedNode after = node(dht, id, address, disk, bootstrap);
    dht.simulation().runFor(MINUTE_MS);
    List<PeerId> live = dht.live().stream().map(SimulatedNode::id).toList();
    assertThat(after.kademlia().members())
        .as("seed " + seed)
        .hasSizeGreaterThan(15)
        .isSubsetOf(live);

    SimulatedNode stranger =
        node(
            dht,
            dht.network().newId(),
            dht.network().newAddress(),
            PeerStore.inMemory(),
            bootstrap);
    dht.simulation().runFor(MINUTE_MS);
    assertThat(stranger.kademlia().members()).as("who knew nobody stays alone").isEmpty();
  }

  private static SimulatedNode node(
      SimulatedDht dht, PeerId id, Multiaddr address, PeerStore known, List<Multiaddr> bootstrap) {
    SimulatedNode node =
        new SimulatedNode(
            dht.network(),
            id,
            address,
            true,
            DhtConfig.defaults(),
            RecordStore.inMemory(),
            known,
            Map.of(HashedNamespace.NAME, new HashedNamespace()));
    node.start();
    node.run(node.kademlia().join(bootstrap), () -> {});
    return node;
  }
}
