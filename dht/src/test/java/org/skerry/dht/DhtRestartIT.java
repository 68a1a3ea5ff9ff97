package org.skerry.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.skerry.dht.TestNetwork.TIMEOUT;
import static org.skerry.dht.TestNetwork.bytes;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.dht.record.RecordStore;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.dht.storage.RocksDatabase;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.libp2p.testing.SimulatedNetwork;

/** A node with its records on disk goes and comes back. */
class DhtRestartIT {
  private static final byte[] KEY = bytes("/words/colours");
  private static final Multihash CONTENT = Multihash.sha256(bytes("a blob"));
  private static final PrivateKey IDENTITY = PrivateKey.ofSeed(new byte[32]);

  @TempDir Path folder;

  @Test
  void joinsThroughPeersItKnewWhenAllBootstrapPeersAreDead() throws Exception {
    List<String> family = List.of(PeerStore.COLUMN_FAMILY);
    try (SimulatedNetwork wire = new SimulatedNetwork(9);
        TestNetwork network = new TestNetwork()) {
      network.add(wire.host());
      for (int i = 1; i < 8; i++) {
        network.add(wire.host()).bootstrap(network.bootstrapAddresses());
      }
      List<Multiaddr> bootstrap = network.bootstrapAddresses();
      try (RocksDatabase database = RocksDatabase.open(folder, family);
          Host host = wire.host(IDENTITY)) {
        Dht node = start(network, host, database);
        assertThat(node.bootstrap(bootstrap)).isEqualTo(1);
        await().until(() -> node.routingTableSize() == 8);
        node.maintain();
        node.close();
      }
      network.nodes.getFirst().close();
      network.hosts.getFirst().close();
      try (RocksDatabase database = RocksDatabase.open(folder, family);
          Host host = wire.host(IDENTITY)) {
        Dht node = start(network, host, database);
        assertThat(node.bootstrap(bootstrap)).isEqualTo(7);
        assertThat(node.routingTableSize()).isEqualTo(7);
        node.close();
      }
      try (RocksDatabase database = RocksDatabase.open(folder, family);
          Host host = wire.host(IDENTITY)) {
        Dht node = start(network, host, database);
        node.maintain();
        assertThat(node.routingTableSize()).as("without any bootstrap address").isEqualTo(7);
        node.close();
      }
    }
  }

  private static Dht start(TestNetwork network, Host host, RocksDatabase database) {
    return network.add(
        host,
        DhtConfig.defaults(),
        RecordStore.inMemory(),
        PeerStore.on(database.store(PeerStore.COLUMN_FAMILY)));
  }

  @Test
  void servesWhatItHeldBeforeUnderItsOldIdentityAtANewAddress() {
    try (SimulatedNetwork wire = new SimulatedNetwork(9);
        TestNetwork network = new TestNetwork()) {
      network.add(wire.host());
      for (int i = 1; i < 8; i++) {
        network.add(wire.host()).bootstrap(network.bootstrapAddresses());
      }
      try (RocksDatabase database = RocksDatabase.open(folder, RecordStore.COLUMN_FAMILIES)) {
        Host host = wire.host(IDENTITY);
        Dht node = network.add(host, DhtConfig.defaults(), RecordStore.on(database));
        node.bootstrap(network.bootstrapAddresses());
        await().untilAsserted(() -> assertThat(network.nodes.get(3).closest(KEY)).hasSize(9));
        assertThat(network.nodes.get(3).put(KEY, bytes("red")).stored()).isEqualTo(9);
        network.nodes.get(4).provide(CONTENT);
        node.close();
        host.close();
        // All others that held the records go, so that only the one on disk has them.
        network.stop();
      }
      try (TestNetwork later = new TestNetwork();
          RocksDatabase database = RocksDatabase.open(folder, RecordStore.COLUMN_FAMILIES)) {
        Dht reader = later.add(wire.host());
        Host host = wire.host(IDENTITY);
        Dht node = later.add(host, DhtConfig.defaults(), RecordStore.on(database));
        assertThat(node.bootstrap(later.bootstrapAddresses())).isEqualTo(1);
        assertThat(node.valueCount()).isEqualTo(1);
        await().untilAsserted(() -> assertThat(reader.routingTableSize()).isEqualTo(1));
        assertThat(reader.get(KEY, TIMEOUT)).hasValue(bytes("red"));
        assertThat(reader.findProviders(CONTENT, 5, TIMEOUT))
            .extracting(PeerAddresses::peer)
            .isEqualTo(List.of(network.hosts.get(4).peerId()));
        assertThat(reader.findPeer(host.peerId()))
            .map(PeerAddresses::addresses)
            .hasValue(host.listenAddresses());
      }
    }
  }
}
