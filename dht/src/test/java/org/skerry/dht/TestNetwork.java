package org.skerry.dht;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import org.awaitility.Awaitility;
import org.skerry.dht.record.RecordStore;
import org.skerry.dht.record.WordSetNamespace;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.testing.FakeClock;

/** Nodes over any hosts, on one clock that moves only when told; the first one is bootstrap. */
final class TestNetwork implements AutoCloseable {
  static final Duration TIMEOUT = Duration.ofSeconds(10);

  static {
    // A loaded machine is slow, not wrong.
    Awaitility.setDefaultTimeout(Duration.ofSeconds(30));
  }

  final FakeClock clock = new FakeClock();
  final List<Dht> nodes = new ArrayList<>();
  final List<Host> hosts = new ArrayList<>();

  Dht add(Host host, DhtConfig config, RecordStore store) {
    return add(host, config, store, PeerStore.inMemory());
  }

  Dht add(Host host, DhtConfig config, RecordStore store, PeerStore known) {
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory());
    Dht node =
        Dht.start(
            host,
            config,
            store,
            known,
            Map.of("words", new WordSetNamespace()),
            clock,
            timer,
            RandomGenerator.of("L64X128MixRandom"));
    nodes.add(node);
    hosts.add(host);
    return node;
  }

  Dht add(Host host) {
    return add(host, DhtConfig.defaults(), RecordStore.inMemory());
  }

  /** The addresses through which others join. */
  List<Multiaddr> bootstrapAddresses() {
    Host first = hosts.getFirst();
    return first.listenAddresses().stream().map(a -> a.withPeerId(first.peerId())).toList();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    stop();
  }

  /** Closes all nodes and hosts; closing again does no harm. */
  void stop() {
    nodes.forEach(Dht::close);
    hosts.forEach(Host::close);
  }
}
