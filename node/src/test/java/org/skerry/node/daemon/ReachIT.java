package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.dht.Dht;
import org.skerry.dht.DhtConfig;
import org.skerry.dht.PeerStore;
import org.skerry.dht.record.RecordStore;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.relay.RelayClient;
import org.skerry.node.event.Event;

/** Nodes at several loopback addresses, which stand for places in the world. */
@Timeout(60)
class ReachIT {
  @TempDir Path folder;

  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();

  @AfterEach
  void close() {
    Closing.all(toClose);
  }

  /** A node, and what it finds out about itself. */
  private final class Node {
    final List<Event> events = new CopyOnWriteArrayList<>();
    final TcpHost host;
    final Dht dht;
    final Reach reach;

    Node(int key, String ip, Predicate<Multiaddr> isOutside) throws Exception {
      PrivateKey identity = Neighbourhood.key(key);
      host = Hosts.listen(identity, List.of(Multiaddr.parse("/ip4/" + ip + "/tcp/0")), "test");
      toClose.push(host);
      dht =
          Dht.start(
              host, DhtConfig.defaults(), RecordStore.inMemory(), PeerStore.inMemory(), Map.of());
      toClose.push(dht);
      reach =
          new Reach(
              host, dht, identity, isOutside, true, false, InstantSource.system(), events::add);
      toClose.push(reach);
    }

    void join(Node... others) {
      for (Node other : others) {
        Multiaddr address = other.host.listenAddresses().getFirst();
        dht.bootstrap(List.of(address.withPeerId(other.host.peerId())));
      }
    }
  }

  @Test
  void whoIsNotReachedIsAClientAndWhoIsReachedAServerThatSaysWhere() throws Exception {
    Predicate<Multiaddr> all = address -> true;
    Node one = new Node(1, "127.0.0.2", all);
    Node two = new Node(2, "127.0.0.3", all);
    two.join(one);
    Node reached = new Node(3, "127.0.0.4", all);
    reached.join(one, two);
    // As behind a router: what it listens on is not outside, and where it is seen nobody listens.
    Node hidden = new Node(4, "127.0.0.9", address -> !address.toString().contains("127.0.0.9"));
    hidden.join(one, two);

    await().until(() -> reached.reach.word().equals("reachable"));
    assertThat(reached.dht.isServing()).isTrue();
    assertThat(reached.events)
        .contains(
            new Event.Reach(
                "reachable", List.of(reached.host.listenAddresses().getFirst().toString())));

    await().until(() -> hidden.reach.word().equals("relayed"));
    await().until(() -> !hidden.dht.isServing());
    await()
        .untilAsserted(() -> {
          assertThat(one.dht.peers()).doesNotContain(hidden.host.peerId());
          assertThat(two.dht.peers()).doesNotContain(hidden.host.peerId());
        });
    assertThat(hidden.dht.closest(new byte[] {1}))
        .as("it asks all the same")
        .contains(one.host.peerId(), two.host.peerId(), reached.host.peerId())
        .doesNotContain(hidden.host.peerId());

    // Somebody who has only heard where it says that it is reached.
    List<Multiaddr> ways =
        hidden.host.listenAddresses().stream().filter(Multiaddr::isRelayed).toList();
    TcpHost stranger = Hosts.listen(Neighbourhood.key(5), List.of(), "test");
    toClose.push(stranger);
    toClose.push(new RelayClient(stranger));
    stranger.addAddresses(hidden.host.peerId(), ways);
    assertThat(stranger.connect(hidden.host.peerId(), Duration.ofSeconds(20)).remotePeer())
        .isEqualTo(hidden.host.peerId());
  }
}
