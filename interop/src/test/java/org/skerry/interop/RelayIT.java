package org.skerry.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.relay.RelayClient;
import org.skerry.libp2p.relay.RelayLimits;
import org.skerry.libp2p.relay.RelayServer;
import org.skerry.libp2p.relay.Reserved;
import tools.jackson.databind.JsonNode;

/** Circuits with js-libp2p as the relay, and at either end of one that we relay. */
@Timeout(240)
class RelayIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Multiaddr LOOPBACK = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
  private static final int CHUNKS = 64; // of 64 KiB

  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable closeable : toClose) {
      closeable.close();
    }
  }

  private <T extends AutoCloseable> T closing(T closeable) {
    toClose.push(closeable);
    return closeable;
  }

  private TcpHost host(Multiaddr... listen) throws Exception {
    TcpHost host =
        closing(
            TcpHost.start(
                PrivateKey.generate(new SecureRandom()), HostConfig.listening("test", listen)));
    new TestProtocols(host);
    return host;
  }

  private TcpHost relay() throws Exception {
    PrivateKey key = PrivateKey.generate(new SecureRandom());
    TcpHost host = closing(TcpHost.start(key, HostConfig.listening("test", LOOPBACK)));
    new RelayServer(host, key, address -> true, RelayLimits.DEFAULT, InstantSource.system()).open();
    return host;
  }

  private static Multiaddr full(TcpHost host) {
    return host.listenAddresses().getFirst().withPeerId(host.peerId());
  }

  @Test
  void jsRelaysUs() throws Exception {
    JsPeer js = closing(JsPeer.start(Map.of("relay", true)));
    TcpHost bob = host();
    TcpHost alice = host();
    bob.connect(js.address(), LIMIT);
    Reserved place = new RelayClient(bob).reserve(js.peerId(), address -> true, LIMIT);
    assertThat(place.addresses()).isNotEmpty();
    new RelayClient(alice);
    alice.addAddresses(bob.peerId(), place.addresses());
    echo(alice, bob);
    assertThat(alice.connect(bob.peerId(), LIMIT).remoteAddress().relay().orElseThrow().peerId())
        .contains(js.peerId());
  }

  private static void echo(TcpHost from, TcpHost to) throws Exception {
    byte[] bytes = new byte[1 << 20];
    new SecureRandom().nextBytes(bytes);
    try (Stream stream = from.open(to.peerId(), List.of(TestProtocols.ECHO), LIMIT)) {
      Thread writing =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  stream.write(ByteBuffer.wrap(bytes));
                  stream.closeWrite();
                } catch (Exception e) {
                  stream.reset();
                }
              });
      assertThat(stream.readFully(bytes.length)).isEqualTo(bytes);
      writing.join();
    }
  }

  @Test
  void weRelayJsThatListens() throws Exception {
    TcpHost relay = relay();
    JsPeer js = closing(JsPeer.start(Map.of("behind", full(relay).toString())));
    assertThat(js.address().relay().flatMap(Multiaddr::peerId)).contains(relay.peerId());
    TcpHost alice = host();
    new RelayClient(alice);
    alice.connect(js.address(), LIMIT);
    // Its side of the handshake ends a moment later.
    await()
        .atMost(LIMIT)
        .until(() -> js.run("connections", Map.of()).get("peers").toString().contains(id(alice)));
    JsonNode echoed = js.run("echo", Map.of("peer", id(alice), "chunks", CHUNKS));
    assertThat(echoed.get("received").asString()).isEqualTo(echoed.get("sent").asString());
    assertThat(echoed.get("bytes").asInt()).isEqualTo(CHUNKS << 16);
  }

  private static String id(TcpHost host) {
    return host.peerId().toString();
  }

  @Test
  void weRelayJsThatDials() throws Exception {
    TcpHost relay = relay();
    TcpHost bob = host();
    bob.connect(full(relay), LIMIT);
    Multiaddr way =
        new RelayClient(bob).reserve(relay.peerId(), address -> true, LIMIT).addresses().getFirst();
    JsPeer js = closing(JsPeer.start(Map.of()));
    js.run("dial", Map.of("address", way.withPeerId(bob.peerId()).toString()));
    JsonNode echoed = js.run("echo", Map.of("peer", bob.peerId().toString(), "chunks", CHUNKS));
    assertThat(echoed.get("received").asString()).isEqualTo(echoed.get("sent").asString());
  }
}
