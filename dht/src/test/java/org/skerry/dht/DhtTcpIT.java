package org.skerry.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.skerry.dht.TestNetwork.TIMEOUT;
import static org.skerry.dht.TestNetwork.bytes;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.skerry.dht.record.RecordStore;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.multiformats.Multihash;

/** Six nodes over real sockets. */
@Timeout(120)
class DhtTcpIT {
  private static final int SIZE = 6;
  private static final byte[] KEY = bytes("/words/colours");
  private static final Multihash CONTENT = Multihash.sha256(bytes("a blob"));

  private final TestNetwork network = new TestNetwork();

  @BeforeEach
  void startNodes() throws Libp2pException {
    for (int i = 0; i < SIZE; i++) {
      join(i, DhtConfig.defaults());
    }
    await().untilAsserted(() -> network.nodes.forEach(this::assertKnowsAll));
  }

  private Dht join(int number, DhtConfig config) throws Libp2pException {
    byte[] seed = new byte[32];
    seed[0] = (byte) (number + 1);
    Host host =
        TcpHost.start(
            PrivateKey.ofSeed(seed),
            HostConfig.listening("test", Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
    Dht node = network.add(host, config, RecordStore.inMemory());
    if (network.nodes.size() > 1) {
      assertThat(node.bootstrap(network.bootstrapAddresses())).isEqualTo(1);
    }
    return node;
  }

  private void assertKnowsAll(Dht node) {
    if (node.routingTableSize() < SIZE - 1) {
      node.closest(KEY);
    }
    assertThat(node.routingTableSize()).isEqualTo(SIZE - 1);
  }

  @AfterEach
  void stop() {
    network.close();
  }

  private Dht node(int i) {
    return network.nodes.get(i);
  }

  /** Ends node {@code i} as a process that dies does: its sockets close. */
  private void goAway(int i) {
    node(i).close();
    network.hosts.get(i).close();
  }

  @Test
  void mergesWhatAllPutAndGivesItToAClientToo() throws Exception {
    for (int i = 0; i < SIZE; i++) {
      assertThat(node(i).put(KEY, bytes("word" + i)).stored()).isEqualTo(SIZE);
    }
    byte[] all = bytes("word0 word1 word2 word3 word4 word5");
    for (Dht node : network.nodes) {
      assertThat(node.get(KEY, TIMEOUT)).hasValue(all);
    }
    assertThat(join(SIZE, DhtConfig.defaults().asClient()).get(KEY, TIMEOUT)).hasValue(all);
  }

  @Test
  void goesOnWithoutANodeThatGoesAway() {
    assertThat(node(5).put(KEY, bytes("red")).stored()).isEqualTo(SIZE);
    assertThat(node(5).provide(CONTENT)).isEqualTo(SIZE - 1);
    assertThat(node(4).provide(CONTENT)).isEqualTo(SIZE - 1);
    goAway(5);
    assertThat(node(1).get(KEY, TIMEOUT)).hasValue(bytes("red"));
    PutResult later = node(2).put(KEY, bytes("blue"));
    assertThat(later).extracting(PutResult::stored, PutResult::asked).containsOnly(SIZE - 1);
    for (int i = 0; i < SIZE - 1; i++) {
      assertThat(node(i).get(KEY, TIMEOUT)).hasValue(bytes("blue red"));
      assertThat(node(i).closest(KEY)).doesNotContain(network.hosts.get(5).peerId());
    }
    assertThat(node(0).findProviders(CONTENT, 5, TIMEOUT))
        .contains(
            new PeerAddresses(
                network.hosts.get(4).peerId(), network.hosts.get(4).listenAddresses()));
  }

  @Test
  void findsProvidersUntilTheirRecordsExpireAndValuesUntilTheirs() throws Exception {
    node(1).put(KEY, bytes("red"));
    node(3).provide(CONTENT);
    node(3).stopProviding(CONTENT);
    network.clock.advance(Duration.ofHours(47));
    assertThat(node(0).get(KEY, TIMEOUT)).hasValue(bytes("red"));
    assertThat(node(0).findProviders(CONTENT, 5, TIMEOUT))
        .extracting(PeerAddresses::peer)
        .isEqualTo(List.of(network.hosts.get(3).peerId()));
    network.clock.advance(Duration.ofHours(1));
    for (Dht node : network.nodes) {
      assertThat(node.get(KEY, TIMEOUT)).isEmpty();
      assertThat(node.findProviders(CONTENT, 5, TIMEOUT)).isEmpty();
      node.maintain();
      assertThat(node.valueCount() + node.providerCount()).isZero();
    }
  }

  @Test
  void findsANodeAgainAtItsNewAddress() throws Exception {
    goAway(5);
    Host before = network.hosts.get(5);
    Dht again = join(5, DhtConfig.defaults());
    Host after = network.hosts.getLast();
    assertThat(after.peerId()).isEqualTo(before.peerId());
    assertThat(again.put(KEY, bytes("red")).stored()).isEqualTo(SIZE);
    assertThat(node(2).findPeer(after.peerId()))
        .hasValueSatisfying(
            peer -> assertThat(peer.addresses()).containsAll(after.listenAddresses()));
  }
}
