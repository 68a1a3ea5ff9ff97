package org.skerry.simulation.bootstrap;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.skerry.dht.DhtConfig;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.simulation.SimulatedDht;
import org.skerry.simulation.SimulatedNode;
import org.skerry.simulation.Simulation;

/**
 * A network that starts all at once, as after a power cut: every node knows the same few addresses,
 * whose nodes start at that moment too.
 */
public final class Bootstrap {
  private static final int ADDRESSES = 3;
  private static final long START_MS = 2_000;

  private Bootstrap() {}

  /**
   * Starts {@code nodes} within two seconds and lets {@code settleMs} pass.
   *
   * @return how many parts the network is in, where each node of a part can reach each other one
   *     from member to member of routing tables; 1 is what it should be
   */
  public static int parts(long seed, int nodes, long settleMs) {
    Simulation simulation = new Simulation(seed);
    SimulatedDht dht = new SimulatedDht(simulation, DhtConfig.defaults(), Map.of());
    List<PeerId> ids = new ArrayList<>();
    List<Multiaddr> places = new ArrayList<>();
    List<Multiaddr> known = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      ids.add(dht.network().newId());
      places.add(dht.network().newAddress());
      if (i < ADDRESSES) {
        known.add(places.get(i).withPeerId(ids.get(i)));
      }
    }
    for (int i = 0; i < nodes; i++) {
      PeerId id = ids.get(i);
      Multiaddr place = places.get(i);
      simulation.after(
          simulation.random().nextLong(START_MS),
          () -> dht.join(DhtConfig.defaults(), id, place, true, known));
    }
    simulation.runFor(START_MS + settleMs);
    return parts(dht.live());
  }

  private static int parts(Collection<SimulatedNode> nodes) {
    Map<PeerId, List<PeerId>> members = new HashMap<>();
    Map<PeerId, List<PeerId>> inverse = new HashMap<>();
    nodes.forEach(node -> inverse.put(node.id(), new ArrayList<>()));
    for (SimulatedNode node : nodes) {
      members.put(node.id(), node.kademlia().members());
      node.kademlia().members().forEach(m -> inverse.getOrDefault(m, List.of()).add(node.id()));
    }
    int parts = 0;
    Set<PeerId> left = new HashSet<>(members.keySet());
    while (!left.isEmpty()) {
      PeerId first = left.iterator().next();
      Set<PeerId> part = reachable(first, members);
      part.retainAll(reachable(first, inverse));
      left.removeAll(part);
      parts++;
    }
    return parts;
  }

  private static Set<PeerId> reachable(PeerId from, Map<PeerId, List<PeerId>> edges) {
    Set<PeerId> reached = new HashSet<>(Set.of(from));
    Deque<PeerId> next = new ArrayDeque<>(reached);
    while (!next.isEmpty()) {
      for (PeerId peer : edges.getOrDefault(next.remove(), List.of())) {
        if (edges.containsKey(peer) && reached.add(peer)) {
          next.add(peer);
        }
      }
    }
    return reached;
  }
}
