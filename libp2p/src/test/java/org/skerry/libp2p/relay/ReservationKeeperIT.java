package org.skerry.libp2p.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.HostMetrics;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.testing.FakeClock;
import org.skerry.libp2p.testing.LeakCheck;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class ReservationKeeperIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Multiaddr LOOPBACK = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
  private static final Predicate<Multiaddr> ANY = address -> true;

  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
  private final FakeClock clock = new FakeClock();
  private final List<List<Multiaddr>> told = new CopyOnWriteArrayList<>();
  private final List<RelayServer> servers = new ArrayList<>();

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

  private TcpHost relay(RelayLimits limits) throws Libp2pException {
    PrivateKey key = PrivateKey.generate(new SecureRandom());
    TcpHost host = closing(TcpHost.start(key, HostConfig.listening("test", LOOPBACK)));
    RelayServer server = new RelayServer(host, key, ANY, limits, clock);
    server.open();
    servers.add(server);
    return host;
  }

  private static RelayLimits places(int reservations) {
    RelayLimits d = RelayLimits.DEFAULT;
    return new RelayLimits(
        reservations,
        d.reservationsPerIp(),
        d.reservationTime(),
        d.circuits(),
        d.circuitsPerPeer(),
        d.circuitTime(),
        d.circuitBytes(),
        d.bytesPerSecond());
  }

  private ReservationKeeper keeper(TcpHost host, int wanted) {
    return closing(
        new ReservationKeeper(host, new RelayClient(host), ANY, wanted, clock, told::add));
  }

  private TcpHost host() throws Libp2pException {
    return closing(
        TcpHost.start(PrivateKey.generate(new SecureRandom()), HostConfig.listening("test")));
  }

  private static Multiaddr full(TcpHost host) {
    return host.listenAddresses().getFirst().withPeerId(host.peerId());
  }

  @Test
  void holdsAsManyPlacesAsAreWantedAndReplacesThoseThatGo() throws Exception {
    List<TcpHost> relays =
        List.of(relay(places(9)), relay(places(9)), relay(places(9)), relay(places(0)));
    TcpHost host = host();
    ReservationKeeper keeper = keeper(host, 2);
    for (TcpHost relay : relays) {
      host.connect(full(relay), LIMIT);
    }
    assertThat(told).isEmpty(); // nobody has asked for any
    keeper.want(true);
    await().atMost(LIMIT).until(() -> !told.isEmpty() && told.getLast().size() == 2);
    List<Multiaddr> first = told.getLast();
    assertThat(first).allMatch(Multiaddr::isRelayed);

    TcpHost gone =
        relays.stream().filter(r -> first.contains(full(r).behind())).findFirst().orElseThrow();
    gone.close();
    await()
        .atMost(LIMIT)
        .until(() -> told.getLast().size() == 2 && !told.getLast().contains(full(gone).behind()));

    keeper.want(false);
    await().atMost(LIMIT).until(() -> told.getLast().isEmpty());
  }

  @Test
  void renewsBeforeThePlaceIsLost() throws Exception {
    TcpHost relay = relay(RelayLimits.DEFAULT);
    TcpHost host = host();
    ReservationKeeper keeper = keeper(host, 1);
    host.connect(full(relay), LIMIT);
    keeper.want(true);
    await().atMost(LIMIT).until(() -> servers.getFirst().reservations() == 1);
    for (int i = 0; i < 3; i++) {
      long asked = relay.metrics().value(HostMetrics.STREAMS_INBOUND);
      clock.advance(Duration.ofMinutes(35));
      keeper.want(true); // looks after it now, and not at the next tick
      await().atMost(LIMIT).until(() -> relay.metrics().value(HostMetrics.STREAMS_INBOUND) > asked);
    }
    assertThat(told).hasSize(1);
    TcpHost other =
        closing(
            TcpHost.start(
                PrivateKey.generate(new SecureRandom()), HostConfig.listening("test", LOOPBACK)));
    new RelayClient(other);
    other.addAddresses(host.peerId(), told.getFirst());
    assertThat(other.connect(host.peerId(), LIMIT).remotePeer()).isEqualTo(host.peerId());
  }
}
