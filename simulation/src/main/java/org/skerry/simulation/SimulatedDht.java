package org.skerry.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.skerry.dht.Closest;
import org.skerry.dht.DhtConfig;
import org.skerry.dht.Get;
import org.skerry.dht.Put;
import org.skerry.dht.record.RecordNamespace;
import org.skerry.dht.record.RecordStore;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/** A DHT of many nodes that come, go and look things up. */
public final class SimulatedDht {
  /** Nodes that join within one simulated second. */
  private static final int JOINS_A_SECOND = 50;

  private final Simulation simulation;
  private final SimulatedNetwork network;
  private final DhtConfig config;
  private final Map<String, RecordNamespace> namespaces;
  private final List<SimulatedNode> live = new ArrayList<>();
  private final Map<PeerId, KademliaKey> keys = new HashMap<>();

  public SimulatedDht(
      Simulation simulation, DhtConfig config, Map<String, RecordNamespace> namespaces) {
    this.simulation = simulation;
    this.config = config;
    this.namespaces = Map.copyOf(namespaces);
    network = new SimulatedNetwork(simulation, config.requestTimeout().toMillis());
  }

  public Simulation simulation() {
    return simulation;
  }

  public SimulatedNetwork network() {
    return network;
  }

  /** The nodes that are there, in the order in which they came. */
  public List<SimulatedNode> live() {
    return Collections.unmodifiableList(live);
  }

  public SimulatedNode randomNode() {
    return live.get(simulation.random().nextInt(live.size()));
  }

  /** Adds a node that joins through one or two that are there. */
  public SimulatedNode join() {
    return join(config, network.newId(), network.newAddress(), true);
  }

  /**
   * Adds a node that joins through one or two that are there.
   *
   * @param reachable whether others can dial it
   */
  public SimulatedNode join(DhtConfig own, PeerId id, Multiaddr address, boolean reachable) {
    List<Multiaddr> through = new ArrayList<>();
    for (int i = 0; i < Math.min(2, live.size()); i++) {
      SimulatedNode contact = randomNode();
      through.add(contact.address().withPeerId(contact.id()));
    }
    return join(own, id, address, reachable, through);
  }

  /** Adds a node that joins through {@code through}. */
  public SimulatedNode join(
      DhtConfig own, PeerId id, Multiaddr address, boolean reachable, List<Multiaddr> through) {
    SimulatedNode node =
        new SimulatedNode(network, id, address, reachable, own, RecordStore.inMemory(), namespaces);
    live.add(node);
    keys.put(node.id(), KademliaKey.of(node.id()));
    node.start();
    node.run(node.kademlia().join(through), () -> {});
    return node;
  }

  /** Lets nodes join one after another until there are {@code nodes}, and settle for a while. */
  public void grow(int nodes, long settleMs) {
    while (live.size() < nodes) {
      join();
      simulation.runFor(1000 / JOINS_A_SECOND);
    }
    simulation.runFor(settleMs);
  }

  public void kill(SimulatedNode node) {
    node.kill();
    live.remove(node);
    keys.remove(node.id());
  }

  /** Kills this share of all nodes at once. */
  public void kill(double share) {
    List<SimulatedNode> victims = new ArrayList<>(live);
    Collections.shuffle(victims, new Random(simulation.random().nextLong()));
    victims.subList(0, (int) Math.round(share * victims.size())).forEach(SimulatedNode::kill);
    live.removeIf(SimulatedNode::isGone);
    keys.keySet().removeIf(peer -> !network.isThere(peer));
  }

  /** The nodes that are there and truly nearest to {@code key}. */
  public List<PeerId> trulyClosest(byte[] key, int count) {
    KademliaKey target = KademliaKey.of(key);
    TreeMap<KademliaKey, PeerId> nearest = new TreeMap<>(target::compareDistance);
    keys.forEach((peer, at) -> {
      nearest.put(at, peer);
      if (nearest.size() > count) {
        nearest.pollLastEntry();
      }
    });
    return List.copyOf(nearest.values());
  }

  public void put(SimulatedNode from, byte[] key, byte[] value) {
    Put put = from.kademlia().put(key, value, simulation.nowMs());
    from.run(put, () -> {});
  }

  public void get(SimulatedNode from, byte[] key, Consumer<Get> done) {
    Get get = from.kademlia().get(key, simulation.nowMs());
    from.run(get, () -> done.accept(get));
  }

  public void closest(SimulatedNode from, byte[] key, Consumer<Closest> done) {
    Closest closest = from.kademlia().closest(key);
    from.run(closest, () -> done.accept(closest));
  }

  /** What became of many gets. */
  public record Found(int asked, int found, List<Integer> hops, List<Integer> queries) {
    public double share() {
      return found / (double) asked;
    }
  }

  /**
   * Reads values from random nodes, {@code perSecond} of them in each simulated second.
   *
   * @param values by key, each of which should be found
   */
  public Found read(List<Map.Entry<byte[], byte[]>> values, int count, int perSecond) {
    int[] ended = new int[1];
    int[] found = new int[1];
    List<Integer> hops = new ArrayList<>();
    List<Integer> queries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Map.Entry<byte[], byte[]> wanted = values.get(simulation.random().nextInt(values.size()));
      get(
          randomNode(),
          wanted.getKey(),
          get -> {
            ended[0]++;
            hops.add(get.lookup().hops());
            queries.add(get.lookup().queries());
            Optional<byte[]> best = get.best();
            if (best.isPresent() && Arrays.equals(best.get(), wanted.getValue())) {
              found[0]++;
            }
          });
      simulation.runFor(1000 / perSecond);
    }
    // Who died meanwhile never ends: that is a reader lost, not a value.
    simulation.runFor(2 * config.operationTimeout().toMillis());
    return new Found(ended[0], found[0], hops, queries);
  }
}
