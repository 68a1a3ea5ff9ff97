package org.skerry.simulation.eclipse;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.Collectors;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.merge.Board;
import org.skerry.board.merge.BoardCodec;
import org.skerry.board.record.RecordKey;
import org.skerry.dht.DhtConfig;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.wire.KadMessage;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.simulation.BoardNetwork;
import org.skerry.simulation.SimulatedDht;
import org.skerry.simulation.SimulatedNode;
import org.skerry.simulation.SimulatedTask;
import org.skerry.simulation.Simulation;

/**
 * Attackers stand nearer to a board's key than any honest node, each with an address of its own.
 * They answer whoever asks near the key with each other's addresses only, confirm what they are
 * given to store and drop it, and in place of the board give what might fool a reader: nothing, an
 * older board, one whose signatures are broken, one signed by somebody else, and one of an author
 * who signed two manifests in one breath.
 *
 * <p>Their ids are found as a real attacker finds them: by making many and keeping the nearest.
 */
public final class Eclipse {
  private static final long MINUTE_MS = 60_000;
  private static final int READS_A_SECOND = 20;

  /** Ids made for each honest node: so many that hardly ever an honest one is nearer. */
  private static final int IDS_PER_NODE = 1_600;

  /** Whoever asks for a key with so many bits in common is told of attackers only. */
  private static final int LIE_BITS = 4;

  /** Where attackers stand. */
  public enum Placement {
    /** Nearer than everybody else. */
    NEAREST,
    /** As dense as the honest ones around them, so that nobody takes notice. */
    UNNOTICED
  }

  private final BoardNetwork network;
  private final SimulatedDht dht;
  private final Simulation simulation;
  private final Task task;
  private final byte[] key;
  private final KademliaKey target;
  private final PrivateKey author;
  private final List<KadMessage.Peer> attackers = new ArrayList<>();
  private final Set<PeerId> attackerIds = new HashSet<>();
  private final List<byte[]> lies = new ArrayList<>();

  /** Valid, and from somebody who may publish here; but at most one of them at a time. */
  private final Set<SignedDocument<WeightManifest>> equivocated = new HashSet<>();

  private Eclipse(BoardNetwork network) {
    this.network = network;
    dht = network.dht();
    simulation = dht.simulation();
    task = SimulatedTask.of(3, 1, MINUTE_MS, newKey(), 0);
    author = newKey();
    key = new RecordKey.BoardKey(task.id(), 0).bytes();
    target = KademliaKey.of(key);
  }

  private PrivateKey newKey() {
    return SimulatedTask.key(simulation.random().nextLong());
  }

  /**
   * Runs an attack on a network that has settled; the attackers are gone afterwards.
   *
   * @param attackers how many there are
   * @param reads of honest nodes, while attackers are there
   */
  public static EclipseFigures run(
      BoardNetwork network, int attackers, int reads, Placement placement) {
    Eclipse eclipse = new Eclipse(network);
    EclipseFigures figures = eclipse.run(attackers, reads, placement);
    eclipse.end();
    return figures;
  }

  private EclipseFigures run(int count, int reads, Placement placement) {
    int nodes = dht.live().size();
    SignedDocument<WeightManifest> old = manifest(author, 1, "old");
    SignedDocument<WeightManifest> newest = manifest(author, 2, "new");
    Board before = Board.empty(task.charter(), 0).with(old);
    dht.put(honest(), key, before.encoded());
    simulation.runFor(MINUTE_MS);
    prepareLies(before, newest);
    attack(
        switch (placement) {
          case NEAREST -> nearestOf((long) IDS_PER_NODE * nodes, count);
          case UNNOTICED -> nearestOf(nodes, count);
        });
    simulation.runFor(10 * MINUTE_MS);
    dht.put(honest(), key, before.with(newest).encoded());
    simulation.runFor(MINUTE_MS);
    return read(newest, reads);
  }

  private void end() {
    dht.live().stream().filter(node -> attackerIds.contains(node.id())).toList().forEach(dht::kill);
  }

  private SignedDocument<WeightManifest> manifest(PrivateKey signer, long sequence, String blob) {
    return SignedDocument.seal(
        signer,
        new WeightManifest(
            task.id(),
            0,
            PeerId.of(signer.publicKey()),
            sequence,
            simulation.nowMs(),
            100 * sequence,
            6_400 * sequence,
            Optional.empty(),
            SimulatedTask.blob(blob),
            Optional.empty(),
            Optional.empty(),
            0.5,
            0.5,
            "simulated/1",
            false));
  }

  private void prepareLies(Board before, SignedDocument<WeightManifest> newest) {
    byte[] broken = before.with(newest).encoded();
    broken[broken.length - 20] ^= 1;
    PrivateKey liar = newKey();
    lies.add(before.encoded());
    lies.add(broken);
    lies.add(Board.empty(task.charter(), 1).encoded());
    for (String blob : List.of("one", "another")) {
      SignedDocument<WeightManifest> twice = manifest(liar, 1, blob);
      equivocated.add(twice);
      lies.add(before.with(twice).encoded());
    }
  }

  private void attack(List<PeerId> ids) {
    for (PeerId id : ids) {
      Multiaddr address = dht.network().newAddress();
      attackers.add(new KadMessage.Peer(id, List.of(address), KadMessage.ConnectionType.CONNECTED));
      attackerIds.add(id);
      dht.join(DhtConfig.defaults(), id, address, true).turn(this::lie);
      simulation.runFor(500);
    }
  }

  private List<PeerId> nearestOf(long tries, int count) {
    PriorityQueue<KademliaKey> farthest =
        new PriorityQueue<>((a, b) -> target.compareDistance(b, a));
    List<PeerId> nearest = new ArrayList<>();
    for (long i = 0; i < tries; i++) {
      PeerId id = dht.network().newId();
      KademliaKey at = KademliaKey.of(id);
      if (farthest.size() < count || target.compareDistance(at, farthest.element()) < 0) {
        farthest.add(at);
        nearest.add(id);
        if (farthest.size() > count) {
          farthest.remove();
        }
      }
    }
    return nearest.stream()
        .sorted(Comparator.comparing(KademliaKey::of, target::compareDistance))
        .limit(count)
        .toList();
  }

  private Optional<KadMessage> lie(KadMessage request, Optional<KadMessage> honest) {
    if (target.commonPrefixBits(KademliaKey.of(request.key())) < LIE_BITS) {
      return honest; // and stays in everybody's routing table
    }
    return switch (request.type()) {
      case PING, ADD_PROVIDER -> honest;
      case PUT_VALUE -> Optional.of(request);
      case FIND_NODE, GET_PROVIDERS ->
          Optional.of(KadMessage.of(request.type(), request.key()).withCloser(others()));
      case GET_VALUE -> {
        KadMessage reply = KadMessage.of(request.type(), request.key()).withCloser(others());
        int which = simulation.random().nextInt(lies.size() + 1);
        yield Optional.of(
            which == lies.size()
                ? reply
                : reply.withRecord(new KadMessage.Record(request.key(), lies.get(which), "")));
      }
    };
  }

  /** As many attackers as a reply has room for. */
  private List<KadMessage.Peer> others() {
    List<KadMessage.Peer> some = new ArrayList<>();
    int first = simulation.random().nextInt(attackers.size());
    for (int i = 0; i < Math.min(20, attackers.size()); i++) {
      some.add(attackers.get((first + i) % attackers.size()));
    }
    return some;
  }

  private SimulatedNode honest() {
    SimulatedNode node = dht.randomNode();
    while (attackerIds.contains(node.id())) {
      node = dht.randomNode();
    }
    return node;
  }

  private EclipseFigures read(SignedDocument<WeightManifest> newest, int reads) {
    int[] found = new int[1];
    long[] forged = new long[1];
    int[] ended = new int[1];
    long refusedBefore = network.refused();
    long[] bad = new long[1];
    for (int i = 0; i < reads; i++) {
      dht.get(
          honest(),
          key,
          get -> {
            ended[0]++;
            bad[0] += get.lookup().closest().stream().filter(attackerIds::contains).count();
            Set<SignedDocument<WeightManifest>> manifests = manifests(get.best());
            found[0] += manifests.contains(newest) ? 1 : 0;
            forged[0] += forged(manifests, newest);
          });
      simulation.runFor(1000 / READS_A_SECOND);
    }
    simulation.runFor(2 * DhtConfig.defaults().operationTimeout().toMillis());
    return new EclipseFigures(
        ended[0],
        found[0],
        forged[0],
        network.refused() - refusedBefore,
        bad[0] / (double) ended[0]);
  }

  private long forged(
      Set<SignedDocument<WeightManifest>> manifests, SignedDocument<WeightManifest> newest) {
    long twice = manifests.stream().filter(equivocated::contains).count();
    long others =
        manifests.stream().filter(m -> !m.equals(newest) && !equivocated.contains(m)).count();
    return others + Math.max(0, twice - 1);
  }

  private Set<SignedDocument<WeightManifest>> manifests(Optional<byte[]> value) {
    return value
        .map(bytes -> BoardCodec.decode(task.id(), 0, bytes, network.verified().unlimited()))
        .map(Board::manifests)
        .map(list -> list.stream().collect(Collectors.toSet()))
        .orElse(Set.of());
  }
}
