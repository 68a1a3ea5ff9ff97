package org.skerry.dht;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.skerry.dht.record.ProviderRecords;
import org.skerry.dht.record.RecordStore;
import org.skerry.dht.record.ValueRecord;
import org.skerry.dht.record.ValueRecords;
import org.skerry.dht.record.WordSetNamespace;
import org.skerry.dht.routing.AddressScope;
import org.skerry.dht.routing.IpGroup;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.routing.Lookup;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.dht.routing.RoutingTable;
import org.skerry.dht.wire.KadMessage;
import org.skerry.dht.wire.Timestamps;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * The cores of many nodes on one simulated clock: routing tables, lookups, record rules and request
 * handlers are the real ones, only the driver between them is this class. A lost message is sent
 * again a few times, as a transport would; liars answer with invented peers close to the key, store
 * nothing, and all live in one IP group.
 */
final class SimulatedKademlia {
  private static final int TIMEOUT_MS = 2_000;
  private static final int SENDS = 4;
  private static final long MINUTE_MS = 60_000;

  private record Event(long atMs, long order, Runnable action) {}

  final Random random;
  final Map<PeerId, Node> live = new LinkedHashMap<>();
  double loss;
  long nowMs = 1_000_000_000_000L;
  private final Map<KademliaKey, PeerId> inventions = new HashMap<>();
  private long order;
  private int addresses;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::atMs).thenComparingLong(Event::order));

  SimulatedKademlia(long seed) {
    this.random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      PeerId peer = inventedId();
      inventions.put(KademliaKey.of(peer), peer);
    }
  }

  void after(long delayMs, Runnable action) {
    events.add(new Event(nowMs + delayMs, order++, action));
  }

  void runFor(long durationMs) {
    long untilMs = nowMs + durationMs;
    while (!events.isEmpty() && events.peek().atMs() <= untilMs) {
      Event event = events.remove();
      nowMs = event.atMs();
      event.action().run();
    }
    nowMs = untilMs;
  }

  PeerId inventedId() {
    byte[] digest = new byte[32];
    random.nextBytes(digest);
    return new PeerId(Multihash.ofSha256(digest));
  }

  /** Adds a node that joins through a random one. */
  Node join(boolean liar) {
    int n = ++addresses;
    String ip = liar ? "203.0.113." + n % 250 : (11 + n / 200) + "." + (n % 200) + ".0.1";
    Node node = new Node(inventedId(), Multiaddr.parse("/ip4/" + ip + "/tcp/" + (1000 + n)), liar);
    Optional<Node> contact = live.isEmpty() ? Optional.empty() : Optional.of(randomHonest());
    live.put(node.id, node);
    contact.ifPresent(node::joinThrough);
    after(random.nextInt((int) MINUTE_MS), node::maintain);
    return node;
  }

  boolean holds(PeerId peer, byte[] key) {
    Node node = live.get(peer);
    return node != null && node.values.get(key, nowMs).isPresent();
  }

  void leave(Node node) {
    live.remove(node.id);
  }

  Node randomHonest() {
    List<Node> honest = live.values().stream().filter(node -> !node.liar).toList();
    return honest.get(random.nextInt(honest.size()));
  }

  /** The live peers that are truly nearest to {@code key}. */
  List<PeerId> trulyClosest(byte[] key, int count) {
    KademliaKey target = KademliaKey.of(key);
    TreeMap<KademliaKey, PeerId> byDistance = new TreeMap<>(target::compareDistance);
    live.keySet().forEach(peer -> byDistance.put(KademliaKey.of(peer), peer));
    return byDistance.values().stream().limit(count).toList();
  }

  private int latencyMs() {
    return 20 + random.nextInt(80);
  }

  private void deliver(int sends, Runnable arrived, Runnable lost) {
    if (random.nextDouble() >= loss) {
      after(latencyMs(), arrived);
    } else if (sends > 1) {
      after(200, () -> deliver(sends - 1, arrived, lost));
    } else {
      after(TIMEOUT_MS, lost);
    }
  }

  /** One node and its driver. */
  final class Node implements KnownPeers {
    final PeerId id;
    final Multiaddr address;
    final boolean liar;
    final RoutingTable table;
    final ValueRecords values;
    private final RequestHandler handler;
    private final Map<PeerId, List<Multiaddr>> book = new HashMap<>();
    private int minutes;

    Node(PeerId id, Multiaddr address, boolean liar) {
      this.id = id;
      this.address = address;
      this.liar = liar;
      this.table = new RoutingTable(id, RoutingTable.Settings.defaults());
      RecordStore store = RecordStore.inMemory();
      this.values =
          new ValueRecords(
              id, Map.of("words", new WordSetNamespace()), store, ValueRecords.Settings.defaults());
      this.handler =
          new RequestHandler(
              id,
              20,
              this,
              values,
              new ProviderRecords(store, ProviderRecords.Settings.defaults()));
    }

    private void joinThrough(Node contact) {
      learn(contact.id, List.of(contact.address));
      heard(contact.id);
      lookup(id.bytes(), done -> {});
    }

    private void learn(PeerId peer, List<Multiaddr> where) {
      if (!where.isEmpty()) {
        book.put(peer, where);
      }
    }

    private void heard(PeerId peer) {
      Optional<IpGroup> group = addresses(peer).stream().findFirst().flatMap(IpGroup::of);
      if (table.offer(peer, group, nowMs) instanceof RoutingTable.Waiting waiting) {
        waiting.check().ifPresent(this::ping);
      }
    }

    private void ping(PeerId peer) {
      ask(peer, KadMessage.of(KadMessage.Type.PING, new byte[0]), reply -> {});
    }

    /**
     * Sends a request; nothing is the reply of who is gone, refuses, or whose messages got lost.
     */
    void ask(PeerId peer, KadMessage request, Consumer<Optional<KadMessage>> done) {
      Runnable lost =
          () -> {
            table.failed(peer, nowMs);
            done.accept(Optional.empty());
          };
      deliver(
          SENDS,
          () -> {
            Node remote = live.get(peer);
            if (remote == null) {
              after(TIMEOUT_MS, lost);
              return;
            }
            Optional<KadMessage> reply = remote.serve(this, request);
            deliver(
                SENDS,
                () -> {
                  heard(peer);
                  done.accept(reply);
                },
                lost);
          },
          lost);
    }

    private Optional<KadMessage> serve(Node from, KadMessage request) {
      learn(from.id, List.of(from.address));
      heard(from.id);
      if (liar && request.type() != KadMessage.Type.PING) {
        return Optional.of(lie(request));
      }
      return switch (handler.handle(from.id, AddressScope.PUBLIC, request, nowMs)) {
        case RequestHandler.Reply reply -> Optional.of(reply.message());
        case RequestHandler.Silence silence -> Optional.empty();
        case RequestHandler.Refusal refusal -> Optional.empty();
      };
    }

    private KadMessage lie(KadMessage request) {
      KademliaKey target = KademliaKey.of(request.key());
      List<KadMessage.Peer> invented =
          inventions.entrySet().stream()
              .sorted((a, b) -> target.compareDistance(a.getKey(), b.getKey()))
              .limit(20)
              .map(Map.Entry::getValue)
              .map(peer ->
                  new KadMessage.Peer(peer, List.of(address), KadMessage.ConnectionType.CONNECTED))
              .toList();
      KadMessage.Record junk = new KadMessage.Record(request.key(), new byte[] {0}, "");
      return KadMessage.of(request.type(), request.key()).withRecord(junk).withCloser(invented);
    }

    void lookup(byte[] key, Consumer<Lookup> done) {
      lookup(KadMessage.of(KadMessage.Type.FIND_NODE, key), (from, reply) -> {}, done);
    }

    interface Replies {
      void take(PeerId from, KadMessage reply);
    }

    void lookup(KadMessage request, Replies replies, Consumer<Lookup> done) {
      KademliaKey target = KademliaKey.of(request.key());
      List<PeerAddresses> seeds =
          closest(target, 20).stream()
              .map(peer -> new PeerAddresses(peer, addresses(peer)))
              .toList();
      Lookup lookup = new Lookup(target, id, Lookup.Settings.defaults(), seeds);
      step(lookup, request, replies, done, new boolean[1]);
    }

    private void step(
        Lookup lookup,
        KadMessage request,
        Replies replies,
        Consumer<Lookup> done,
        boolean[] finished) {
      if (finished[0] || lookup.isDone()) {
        if (!finished[0]) {
          finished[0] = true;
          table.refreshed(KademliaKey.of(request.key()), nowMs);
          done.accept(lookup);
        }
        return;
      }
      Runnable again = () -> step(lookup, request, replies, done, finished);
      for (PeerAddresses peer : lookup.next(nowMs)) {
        learn(peer.peer(), peer.addresses());
        ask(
            peer.peer(),
            request,
            reply -> {
              reply.ifPresentOrElse(
                  message -> {
                    lookup.answered(
                        peer.peer(), LookupRunner.visible(message.closer(), AddressScope.PUBLIC));
                    replies.take(peer.peer(), message);
                  },
                  () -> lookup.failed(peer.peer()));
              again.run();
            });
        after(Lookup.Settings.defaults().slowMs() + 1, again);
      }
    }

    void put(byte[] key, byte[] value) {
      store(key, value, nowMs);
    }

    private void store(byte[] key, byte[] value, long publishedMs) {
      KadMessage put =
          KadMessage.of(KadMessage.Type.PUT_VALUE, key)
              .withRecord(new KadMessage.Record(key, value, Timestamps.format(publishedMs)));
      lookup(
          key,
          found -> {
            found.closest().forEach(holder -> ask(holder, put, reply -> {}));
            if (found.selfIsAmongClosest()) {
              values.put(id, key, value, publishedMs, nowMs);
            }
          });
    }

    void get(byte[] key, Consumer<Optional<byte[]>> done) {
      ValueQuery query = new ValueQuery(values, key, 0);
      values.get(key, nowMs).ifPresent(own -> query.value(id, own.value(), nowMs, nowMs));
      lookup(
          KadMessage.of(KadMessage.Type.GET_VALUE, key),
          (from, reply) ->
              reply.record().ifPresent(found -> query.value(from, found.value(), nowMs, nowMs)),
          found -> done.accept(query.best()));
    }

    private void maintain() {
      if (live.get(id) != this) {
        return;
      }
      table.due(nowMs, 16).forEach(this::ping);
      if (minutes++ % 30 == 0) {
        lookup(id.bytes(), done -> {});
        List<Integer> stale = table.staleBuckets(nowMs - 30 * MINUTE_MS);
        stale.subList(0, Math.min(2, stale.size())).forEach(this::refresh);
      }
      for (byte[] key : values.dueForRepublish(nowMs, 100)) {
        ValueRecord held = values.get(key, nowMs).orElseThrow();
        store(key, held.value(), held.publishedMs());
        values.republished(key, nowMs);
      }
      after(MINUTE_MS, this::maintain);
    }

    private void refresh(int bucket) {
      PeerId in = inventedId();
      while (KademliaKey.of(id).commonPrefixBits(KademliaKey.of(in)) != bucket) {
        in = inventedId();
      }
      lookup(in.bytes(), done -> {});
    }

    @Override
    public List<PeerId> closest(KademliaKey target, int count) {
      return table.closest(target, count);
    }

    @Override
    public List<Multiaddr> addresses(PeerId peer) {
      return peer.equals(id) ? List.of(address) : book.getOrDefault(peer, List.of());
    }

    @Override
    public boolean isConnected(PeerId peer) {
      return false;
    }
  }
}
