package org.skerry.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.dht.DhtConfig;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.wire.KadMessage;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/** A hundred and twenty nodes, a fifth of all messages lost, five of a hundred nodes lying. */
class SimulatedDhtTest {
  private static final int NODES = 120;
  private static final int LIARS = 6;
  private static final int K = 20;
  private static final int VALUES = 25;
  private static final long MINUTE_MS = 60_000;

  private final Map<KademliaKey, PeerId> inventions = new HashMap<>();

  private SimulatedDht grown(long seed) {
    SimulatedDht dht =
        new SimulatedDht(
            new Simulation(seed),
            DhtConfig.defaults(),
            Map.of(HashedNamespace.NAME, new HashedNamespace()));
    dht.network().lose(0.2);
    for (int i = 0; i < 2_000; i++) {
      PeerId invention = dht.network().newId();
      inventions.put(KademliaKey.of(invention), invention);
    }
    for (int i = 0; i < NODES; i++) {
      if (i > 5 && i % (NODES / LIARS) == 0) {
        // All in one place, as somebody's rented machines are.
        Multiaddr address = Multiaddr.parse("/ip4/203.0.113.%d/tcp/4001".formatted(i % 250));
        dht.join(DhtConfig.defaults(), dht.network().newId(), address, true)
            .turn((request, honest) -> lie(request, honest, address));
      } else {
        dht.join();
      }
      dht.simulation().runFor(500);
    }
    dht.simulation().runFor(5 * MINUTE_MS);
    return dht;
  }

  /** Inventions close to the key, and a value that nobody published. */
  private Optional<KadMessage> lie(
      KadMessage request, Optional<KadMessage> honest, Multiaddr address) {
    if (request.type() == KadMessage.Type.PING) {
      return honest;
    }
    KademliaKey target = KademliaKey.of(request.key());
    List<KadMessage.Peer> invented =
        inventions.entrySet().stream()
            .sorted((a, b) -> target.compareDistance(a.getKey(), b.getKey()))
            .limit(K)
            .map(Map.Entry::getValue)
            .map(peer ->
                new KadMessage.Peer(peer, List.of(address), KadMessage.ConnectionType.CONNECTED))
            .toList();
    KadMessage.Record junk = new KadMessage.Record(request.key(), new byte[] {0}, "");
    return Optional.of(
        KadMessage.of(request.type(), request.key()).withRecord(junk).withCloser(invented));
  }

  private static boolean isLiar(SimulatedNode node) {
    return node.address().toString().contains("203.0.113.");
  }

  private static SimulatedNode randomHonest(SimulatedDht dht) {
    SimulatedNode node = dht.randomNode();
    while (isLiar(node)) {
      node = dht.randomNode();
    }
    return node;
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = 1)
  void lookupsFindTheTrulyClosestPeersUnderLossLiesAndChurn(long seed) {
    SimulatedDht dht = grown(seed);
    for (int minute = 0; minute < 15; minute++) {
      dht.kill(randomHonest(dht));
      dht.kill(randomHonest(dht));
      dht.join();
      dht.join();
      dht.simulation().runFor(MINUTE_MS);
    }
    int lookups = 40;
    AtomicInteger done = new AtomicInteger();
    AtomicInteger found = new AtomicInteger();
    AtomicInteger nearest = new AtomicInteger();
    for (int i = 0; i < lookups; i++) {
      byte[] key = HashedNamespace.keyOf(value(i));
      SimulatedNode node = randomHonest(dht);
      List<PeerId> truth = dht.trulyClosest(key, K);
      dht.closest(
          node,
          key,
          closest -> {
            done.incrementAndGet();
            Set<PeerId> peers = new HashSet<>(closest.peers());
            truth.stream().filter(peers::contains).forEach(p -> found.incrementAndGet());
            if (peers.contains(truth.getFirst())) {
              nearest.incrementAndGet();
            }
          });
      dht.simulation().runFor(10_000);
    }
    dht.simulation().runFor(MINUTE_MS);
    assertThat(done).hasValue(lookups);
    assertThat(found.get() / (double) (lookups * K)).isGreaterThan(0.95);
    assertThat(nearest.get()).isGreaterThanOrEqualTo(lookups - 2);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = 3)
  void valuesSurviveThatHalfOfTheNodesLeaveAndAreSpreadAgain(long seed) {
    SimulatedDht dht = grown(seed);
    List<Map.Entry<byte[], byte[]>> values = new ArrayList<>();
    for (int i = 0; i < VALUES; i++) {
      values.add(Map.entry(HashedNamespace.keyOf(value(i)), value(i)));
      dht.put(randomHonest(dht), values.get(i).getKey(), value(i));
    }
    dht.simulation().runFor(MINUTE_MS);
    dht.kill(0.5);
    assertThat(holders(dht, values)).as("holders right after half have left").isLessThan(14);
    assertThat(dht.read(values, 2 * VALUES, 1).share()).isEqualTo(1);
    dht.simulation().runFor(90 * MINUTE_MS);
    assertThat(holders(dht, values)).as("holders after republishing").isGreaterThan(17);
    assertThat(dht.read(values, 2 * VALUES, 1).share()).isEqualTo(1);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = 5)
  void aSeedSaysEverythingThatHappens(long seed) {
    assertThat(messagesOf(seed)).isEqualTo(messagesOf(seed));
    assertThat(messagesOf(seed)).isNotEqualTo(messagesOf(seed + 1));
  }

  private static long messagesOf(long seed) {
    SimulatedDht dht = new SimulatedDht(new Simulation(seed), DhtConfig.defaults(), Map.of());
    dht.grow(30, 30 * MINUTE_MS);
    return dht.network().messages();
  }

  private static byte[] value(int i) {
    return ("value " + i).getBytes(StandardCharsets.UTF_8);
  }

  /** How many of the K peers truly nearest to a value hold it, on average. */
  private static double holders(SimulatedDht dht, List<Map.Entry<byte[], byte[]>> values) {
    long nowMs = dht.simulation().nowMs();
    long holders = 0;
    for (Map.Entry<byte[], byte[]> value : values) {
      Set<PeerId> nearest = new HashSet<>(dht.trulyClosest(value.getKey(), K));
      holders +=
          dht.live().stream()
              .filter(node -> nearest.contains(node.id()))
              .filter(node -> node.kademlia().holds(value.getKey(), nowMs))
              .count();
    }
    return holders / (double) values.size();
  }
}
