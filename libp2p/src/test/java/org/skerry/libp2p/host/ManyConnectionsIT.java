package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.host.HostMetrics.Refusal;
import org.skerry.libp2p.ping.Ping;

/** What a host does that has more connections, or streams, than it needs. */
class ManyConnectionsIT extends HostFixture {
  private static final Duration IDLE = Duration.ofMillis(200);

  /** Eight connections, of which it closes some when it has more than six, and keeps five. */
  private TcpHost hub() throws Exception {
    return host(HostLimits.DEFAULT.with(ConnectionLimits.of(8, 8, 8).withIdle(IDLE)));
  }

  @ParameterizedTest
  @EnumSource(Wire.class)
  void closesThoseThatHaveBeenIdleForLongest(Wire wire) throws Exception {
    connectBy(wire);
    TcpHost hub = hub();
    hub.handle(ECHO, stream -> stream.readFully(1));
    List<TcpHost> peers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      TcpHost peer = host(HostLimits.DEFAULT);
      peer.connect(full(hub), LIMIT);
      peers.add(peer);
    }
    hub.protect(peers.get(0).peerId(), "test");
    Stream busy = peers.get(1).open(hub.peerId(), List.of(ECHO), LIMIT);
    await().until(() -> hub.table().all().stream().filter(this::isIdle).count() == 5);
    TcpHost newest = host(HostLimits.DEFAULT);
    newest.connect(full(hub), LIMIT);

    await().until(() -> hub.connections().size() == 5);
    assertThat(hub.connections())
        .map(Connection::remotePeer)
        .contains(peers.get(0).peerId(), peers.get(1).peerId(), newest.peerId());
    assertThat(hub.metrics().value(HostMetrics.CONNECTIONS_TRIMMED)).isEqualTo(2);
    busy.write(ByteBuffer.allocate(1));
    busy.close();
  }

  private boolean isIdle(MuxedConnection connection) {
    return connection.idleNanos(System.nanoTime()) > IDLE.toNanos();
  }

  @Test
  void hasFewConnectionsWithOnePeer() throws Exception {
    TcpHost hub =
        host(
            HostLimits.DEFAULT.with(new ConnectionLimits(64, 64, 64, 64, IDLE, 64, 64, 2, 64, 64)));
    for (int i = 0; i < 3; i++) {
      alice.dial(full(hub), LIMIT);
    }
    await().until(() -> hub.metrics().value(Refusal.CONNECTIONS_PER_PEER) == 1);
    await().until(() -> hub.table().places() <= 2);
    assertThat(Ping.measure(alice, hub.peerId(), LIMIT)).isPositive();
  }

  @ParameterizedTest
  @EnumSource(Wire.class)
  void resetsTheStreamsThatAreTooMany(Wire wire) throws Exception {
    connectBy(wire);
    TcpHost hub = host(HostLimits.DEFAULT.with(new StreamLimits(64, 64, 64, 64, 2)));
    CountDownLatch end = new CountDownLatch(1);
    hub.handle(
        ECHO,
        stream -> {
          stream.write(ByteBuffer.allocate(1));
          uninterrupted(end);
        });
    alice.addAddresses(hub.peerId(), hub.listenAddresses());
    for (int i = 0; i < 2; i++) {
      alice.open(hub.peerId(), List.of(ECHO), LIMIT).readFully(1);
    }
    Stream third = alice.open(hub.peerId(), List.of(ECHO), LIMIT);
    assertFails(Reason.STREAM_RESET, () -> third.readFully(1));
    assertThat(hub.metrics().value(Refusal.STREAMS_PER_PROTOCOL)).isEqualTo(1);
    assertThat(Ping.measure(alice, hub.peerId(), LIMIT)).isPositive();
    end.countDown();
    await().untilAsserted(() -> alice.open(hub.peerId(), List.of(ECHO), LIMIT).readFully(1));
  }
}
