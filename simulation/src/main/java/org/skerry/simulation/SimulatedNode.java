package org.skerry.simulation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.skerry.dht.AddressBook;
import org.skerry.dht.DhtConfig;
import org.skerry.dht.Kademlia;
import org.skerry.dht.Operation;
import org.skerry.dht.PeerStore;
import org.skerry.dht.record.RecordNamespace;
import org.skerry.dht.record.RecordStore;
import org.skerry.dht.wire.KadMessage;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/** A node: the core of production, driven by simulated time. */
public final class SimulatedNode implements SimulatedNetwork.Peer, AddressBook {
  /** What a byzantine node answers in place of an honest answer. */
  @FunctionalInterface
  public interface Lie {
    Optional<KadMessage> answer(KadMessage request, Optional<KadMessage> honest);
  }

  /** How often an operation is asked whether a slow request should make way for another. */
  private static final long STEP_MS = 250;

  /** A host keeps about so many connections. */
  private static final int CONNECTIONS = 256;

  private final SimulatedNetwork network;
  private final Simulation simulation;
  private final PeerId id;
  private final Multiaddr address;
  private final boolean reachable;
  private final Kademlia kademlia;
  private final Map<PeerId, Boolean> connections =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PeerId, Boolean> eldest) {
          return size() > CONNECTIONS;
        }
      };
  private Lie lie = (request, honest) -> honest;
  private int upkeepUnderWay;
  private boolean gone;

  /** A node that knows nobody from before. */
  public SimulatedNode(
      SimulatedNetwork network,
      PeerId id,
      Multiaddr address,
      boolean reachable,
      DhtConfig config,
      RecordStore store,
      Map<String, RecordNamespace> namespaces) {
    this(network, id, address, reachable, config, store, PeerStore.inMemory(), namespaces);
  }

  /**
   * @param store what it remembers from before, for one that was restarted
   * @param known whom it remembers from before
   */
  public SimulatedNode(
      SimulatedNetwork network,
      PeerId id,
      Multiaddr address,
      boolean reachable,
      DhtConfig config,
      RecordStore store,
      PeerStore known,
      Map<String, RecordNamespace> namespaces) {
    this.network = network;
    this.simulation = network.simulation();
    this.id = id;
    this.address = address;
    this.reachable = reachable;
    kademlia = new Kademlia(config, this, store, known, namespaces, simulation.random());
  }

  /** Enters the network and begins its upkeep. */
  public void start() {
    network.add(this);
    long intervalMs = kademlia.config().maintenanceInterval().toMillis();
    // Nodes do not tick together.
    simulation.after(simulation.random().nextLong(intervalMs), this::upkeep);
  }

  /** Answers with {@code lies} from now on. */
  public void turn(Lie lies) {
    lie = lies;
  }

  /** Is gone without a word. */
  public void kill() {
    gone = true;
    network.remove(id);
  }

  public boolean isGone() {
    return gone;
  }

  public Kademlia kademlia() {
    return kademlia;
  }

  private void upkeep() {
    if (gone) {
      return;
    }
    if (upkeepUnderWay == 0) {
      List<Operation> due = kademlia.due(simulation.nowMs());
      upkeepUnderWay = due.size();
      due.forEach(operation -> run(operation, () -> upkeepUnderWay--));
    }
    simulation.after(kademlia.config().maintenanceInterval().toMillis(), this::upkeep);
  }

  /**
   * Drives {@code operation}; {@code done} is called at its end unless the node is gone by then.
   */
  public void run(Operation operation, Runnable done) {
    new Run(operation, done).begin();
  }

  private final class Run {
    private final Operation operation;
    private final Runnable done;
    private boolean over;
    private boolean stepIsDue;

    Run(Operation operation, Runnable done) {
      this.operation = operation;
      this.done = done;
    }

    void begin() {
      limitStep();
      step();
    }

    private void limitStep() {
      simulation.after(
          kademlia.config().operationTimeout().toMillis(),
          () -> {
            if (!over && !gone) {
              operation.timeUp();
              limitStep();
              step();
            }
          });
    }

    private void step() {
      if (over || gone) {
        return;
      }
      List<Operation.Ask> asks = operation.next(simulation.nowMs());
      asks.forEach(this::send);
      if (operation.isDone()) {
        over = true;
        operation.finish(simulation.nowMs()).forEach(after -> run(after, () -> {}));
        done.run();
      } else if (!stepIsDue) {
        stepIsDue = true;
        simulation.after(
            STEP_MS,
            () -> {
              stepIsDue = false;
              step();
            });
      }
    }

    private void send(Operation.Ask ask) {
      PeerId to = ask.peer().peer();
      network.exchange(
          id,
          to,
          connections.containsKey(to),
          ask.request(),
          reply -> {
            if (gone) {
              return;
            }
            connections.put(to, true);
            boolean taken = ask.request().type() == KadMessage.Type.ADD_PROVIDER;
            Optional<KadMessage> answer = taken ? Optional.of(ask.request()) : reply;
            if (answer.isPresent()) {
              heard(to);
              operation.answered(ask, answer.get(), simulation.nowMs());
            } else {
              fail(ask, Kademlia.Failure.REFUSED);
            }
            step();
          },
          () -> {
            connections.remove(to);
            if (!gone) {
              fail(ask, Kademlia.Failure.SILENT);
              step();
            }
          });
    }

    private void fail(Operation.Ask ask, Kademlia.Failure failure) {
      kademlia.failed(ask, failure, simulation.nowMs());
      operation.failed(ask, simulation.nowMs());
    }
  }

  private void heard(PeerId peer) {
    kademlia
        .heard(peer, simulation.nowMs())
        .ifPresent(doubted -> run(kademlia.check(List.of(doubted)), () -> {}));
  }

  @Override
  public Optional<KadMessage> serve(PeerId from, KadMessage request) {
    connections.put(from, true);
    if (servesOthers(from)) {
      heard(from);
    }
    return lie.answer(
        request,
        switch (kademlia.handle(from, request, simulation.nowMs())) {
          case Kademlia.Reply reply -> Optional.of(reply.message());
          case Kademlia.Silence silence -> Optional.empty();
          case Kademlia.Refusal refusal -> Optional.empty();
        });
  }

  /** What identify tells about the other end of a connection. */
  private boolean servesOthers(PeerId peer) {
    return !(network.peer(peer) instanceof SimulatedNode node) || node.kademlia.isServing();
  }

  @Override
  public PeerId id() {
    return id;
  }

  @Override
  public Multiaddr address() {
    return address;
  }

  @Override
  public boolean reachable() {
    return reachable;
  }

  @Override
  public PeerId self() {
    return id;
  }

  @Override
  public List<Multiaddr> listenAddresses() {
    return List.of(address);
  }

  @Override
  public List<Multiaddr> addresses(PeerId peer) {
    return network.addresses(peer);
  }

  @Override
  public void learn(PeerId peer, List<Multiaddr> addresses) {
    // A dialled peer proves its id, so a false address only costs time, as a peer that is gone
    // does.
  }

  @Override
  public Optional<Multiaddr> remoteAddress(PeerId peer) {
    List<Multiaddr> known = network.addresses(peer);
    return known.isEmpty() ? Optional.empty() : Optional.of(known.getFirst());
  }
}
