package org.skerry.libp2p.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.ConnectionLimits;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.HostLimits;
import org.skerry.libp2p.host.HostMetrics;
import org.skerry.libp2p.host.SecureProtocol;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.testing.FakeClock;
import org.skerry.libp2p.testing.LeakCheck;
import org.skerry.libp2p.wire.RelayWire.HopMessage;
import org.skerry.libp2p.wire.RelayWire.Status;

/** Alice reaches Bob through Rita, who relays; Bob listens nowhere. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class RelayIT {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String ECHO = "/echo/1.0.0";
  private static final String DIGEST = "/digest/1.0.0";
  private static final Multiaddr LOOPBACK = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
  private static final RelayLimits LIMITS =
      new RelayLimits(2, 2, Duration.ofMinutes(1), 2, 2, Duration.ofMinutes(5), 8 << 20, 1L << 30);

  private final List<AutoCloseable> toClose = new ArrayList<>();
  private final FakeClock clock = new FakeClock();
  private TcpHost alice;
  private TcpHost bob;
  private TcpHost rita;
  private RelayClient ofAlice;
  private RelayClient ofBob;
  private RelayServer relay;

  @BeforeEach
  void start() throws Exception {
    alice = host(LOOPBACK);
    bob = host();
    PrivateKey key = PrivateKey.generate(new SecureRandom());
    rita = host(key, List.of(SecureProtocol.values()), LOOPBACK);
    ofAlice = new RelayClient(alice);
    ofBob = new RelayClient(bob);
    serve(key, LIMITS, clock);
    bob.handle(ECHO, RelayIT::echo);
    bob.handle(DIGEST, RelayIT::digest);
    bob.addAddresses(rita.peerId(), rita.listenAddresses());
  }

  private void serve(PrivateKey key, RelayLimits limits, InstantSource time) {
    relay = new RelayServer(rita, key, address -> true, limits, time);
    relay.open();
  }

  private TcpHost host(Multiaddr... listen) throws Libp2pException {
    return host(PrivateKey.generate(new SecureRandom()), List.of(SecureProtocol.values()), listen);
  }

  private TcpHost host(PrivateKey key, List<SecureProtocol> security, Multiaddr... listen)
      throws Libp2pException {
    return host(key, HostLimits.DEFAULT, security, listen);
  }

  private TcpHost host(
      PrivateKey key, HostLimits limits, List<SecureProtocol> security, Multiaddr... listen)
      throws Libp2pException {
    TcpHost host =
        TcpHost.start(key, new HostConfig(List.of(listen), "skerry/test", limits, security));
    toClose.addFirst(host);
    return host;
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable closeable : toClose) {
      closeable.close();
    }
  }

  private static void echo(Stream stream) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    while (stream.read(buffer.clear()) >= 0) {
      stream.write(buffer.flip());
    }
  }

  /** Answers the end of what it reads with the hash of it. */
  private static void digest(Stream stream) throws IOException {
    MessageDigest sha = Sha.digest();
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    while (stream.read(buffer.clear()) >= 0) {
      sha.update(buffer.flip());
    }
    stream.write(ByteBuffer.wrap(sha.digest()));
  }

  private static final class Sha {
    private static MessageDigest digest() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (java.security.NoSuchAlgorithmException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Reserves for Bob, and tells Alice where he is. */
  private Multiaddr reserve() throws Libp2pException {
    Reserved reserved = ofBob.reserve(rita.peerId(), address -> true, LIMIT);
    Multiaddr way = reserved.addresses().getFirst();
    alice.addAddresses(bob.peerId(), List.of(way));
    return way;
  }

  private static void assertEchoes(TcpHost from, PeerId to) throws Libp2pException {
    try (Stream stream = from.open(to, List.of(ECHO), LIMIT)) {
      stream.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      stream.closeWrite();
      assertThat(stream.readFully(3)).containsExactly(1, 2, 3);
      assertThat(stream.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
  }

  @Test
  void tellsWhereAndUntilWhenTheHostIsReached() throws Exception {
    Reserved reserved = ofBob.reserve(rita.peerId(), address -> true, LIMIT);
    assertThat(reserved.addresses())
        .containsExactly(rita.listenAddresses().getFirst().withPeerId(rita.peerId()).behind());
    assertThat(reserved.expires().toEpochMilli() - clock.millis())
        .isBetween(59_000L, LIMITS.reservationTime().toMillis());
    assertThat(relay.reservations()).isEqualTo(1);
  }

  @Test
  void keepsWhoHasAReservationWhenItClosesWhatIsIdle() throws Exception {
    PrivateKey key = PrivateKey.generate(new SecureRandom());
    ConnectionLimits few = new ConnectionLimits(8, 8, 3, 1, Duration.ofMillis(100), 8, 8, 8, 8, 8);
    rita = host(key, HostLimits.DEFAULT.with(few), List.of(SecureProtocol.values()), LOOPBACK);
    serve(key, LIMITS, clock);
    bob.addAddresses(rita.peerId(), rita.listenAddresses());
    reserve(); // idle for longer than those who come now
    Multiaddr toRita = rita.listenAddresses().getFirst().withPeerId(rita.peerId());
    await()
        .atMost(LIMIT)
        .until(() -> {
          host().connect(toRita, LIMIT);
          return rita.metrics().value(HostMetrics.CONNECTIONS_TRIMMED) > 0;
        });
    assertThat(rita.connections()).map(Connection::remotePeer).contains(bob.peerId());
    assertThat(relay.reservations()).isEqualTo(1);
    assertEchoes(alice, bob.peerId());
  }

  @ParameterizedTest
  @EnumSource
  void connectsTheTwoUnderTheirOwnKeys(SecureProtocol security) throws Exception {
    TcpHost carol = host(PrivateKey.generate(new SecureRandom()), List.of(security), LOOPBACK);
    new RelayClient(carol);
    carol.addAddresses(bob.peerId(), List.of(reserve()));
    assertEchoes(carol, bob.peerId());
    Connection there = carol.connect(bob.peerId(), LIMIT);
    assertThat(there.remotePeer()).isEqualTo(bob.peerId());
    assertThat(there.remoteAddress().isRelayed()).isTrue();
    Connection here = bob.connect(carol.peerId(), LIMIT);
    assertThat(here.initiator()).isFalse();
    assertThat(here.remoteAddress().relay().orElseThrow().peerId()).contains(rita.peerId());
    assertThat(relay.circuits()).isEqualTo(1);
    there.close();
    await().atMost(LIMIT).until(() -> relay.circuits() == 0);
  }

  @Test
  void carriesMegabytesAndHalfClosedStreams() throws Exception {
    reserve();
    byte[] bytes = new byte[5_000_000];
    new Random(1).nextBytes(bytes);
    try (Stream stream = alice.open(bob.peerId(), List.of(DIGEST), LIMIT)) {
      stream.write(ByteBuffer.wrap(bytes));
      stream.closeWrite();
      assertThat(stream.readFully(32)).isEqualTo(Sha.digest().digest(bytes));
    }
    await().atMost(LIMIT).until(() -> relay.carriedBytes() > bytes.length);
  }

  @Test
  void carriesNoMoreThanTheLimit() throws Exception {
    reserve();
    try (Stream stream = alice.open(bob.peerId(), List.of(DIGEST), LIMIT)) {
      assertThatThrownBy(
              () -> {
                stream.write(ByteBuffer.allocate(16 << 20));
                stream.closeWrite();
                stream.readFully(32);
              })
          .isInstanceOf(Libp2pException.class);
    }
    await().atMost(LIMIT).until(() -> relay.circuits() == 0);
    assertEchoes(alice, bob.peerId()); // over a new one
  }

  @Test
  void prefersTheDirectWay() throws Exception {
    TcpHost dora = host(LOOPBACK);
    dora.handle(ECHO, RelayIT::echo);
    new RelayClient(dora).reserve(ritaOf(dora), address -> true, LIMIT);
    alice.addAddresses(
        dora.peerId(),
        List.of(rita.listenAddresses().getFirst().withPeerId(rita.peerId()).behind()));
    Connection relayed = alice.connect(dora.peerId(), LIMIT);
    assertThat(relayed.remoteAddress().isRelayed()).isTrue();
    alice.dial(dora.listenAddresses().getFirst().withPeerId(dora.peerId()), LIMIT);
    assertEchoes(alice, dora.peerId());
    assertThat(alice.connect(dora.peerId(), LIMIT).remoteAddress().isRelayed()).isFalse();
    await().atMost(Duration.ofSeconds(40)).until(() -> !relayed.isOpen()); // as nothing uses it
  }

  private PeerId ritaOf(TcpHost host) {
    host.addAddresses(rita.peerId(), rita.listenAddresses());
    return rita.peerId();
  }

  @Test
  void refusesWhomNobodyHasReservedFor() throws Exception {
    alice.addAddresses(
        bob.peerId(),
        List.of(rita.listenAddresses().getFirst().withPeerId(rita.peerId()).behind()));
    assertThatThrownBy(() -> alice.connect(bob.peerId(), LIMIT))
        .isInstanceOfSatisfying(
            Libp2pException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNREACHABLE))
        .hasMessageContaining("no reservation");
  }

  @Test
  void aReservationEndsWithItsTime() throws Exception {
    reserve();
    clock.advance(LIMITS.reservationTime());
    assertThatThrownBy(() -> alice.connect(bob.peerId(), LIMIT))
        .hasMessageContaining("no reservation");
    reserve();
    assertEchoes(alice, bob.peerId());
  }

  @Test
  void aReservationEndsWithTheConnection() throws Exception {
    reserve();
    bob.connections().forEach(Connection::close);
    await().atMost(LIMIT).until(() -> relay.reservations() == 0);
  }

  @Test
  void refusesMoreThanItHasPlacesFor() throws Exception {
    reserve();
    List<TcpHost> others = List.of(host(), host());
    new RelayClient(others.getFirst()).reserve(ritaOf(others.getFirst()), address -> true, LIMIT);
    assertThatThrownBy(() ->
            new RelayClient(others.getLast())
                .reserve(ritaOf(others.getLast()), address -> true, LIMIT))
        .isInstanceOfSatisfying(
            Libp2pException.class, e -> assertThat(e.reason()).isEqualTo(Reason.LIMIT_EXCEEDED));
  }

  @Test
  void whoIsReachedThroughARelayGetsNoPlaceAndNoCircuitThere() throws Exception {
    reserve();
    PrivateKey key = PrivateKey.generate(new SecureRandom());
    new RelayServer(bob, key, address -> true, LIMITS, clock).open();
    assertThatThrownBy(() -> ofAlice.reserve(bob.peerId(), address -> true, LIMIT))
        .hasMessageContaining("permission denied");
  }

  @Test
  void takesNothingFromARelayThatItDidNotAsk() throws Exception {
    TcpHost eve = host();
    new RelayClient(eve);
    try (Stream stream = eve.open(ritaOf(eve), List.of(RelayMessages.HOP), LIMIT)) {
      // Somebody else in the same process, say, and not the client.
      RelayMessages.write(stream, HopMessage.newBuilder().setType(HopMessage.Type.RESERVE).build());
      assertThat(RelayMessages.readHop(stream).getStatus()).isEqualTo(Status.OK);
    }
    alice.addAddresses(
        eve.peerId(),
        List.of(rita.listenAddresses().getFirst().withPeerId(rita.peerId()).behind()));
    assertThatThrownBy(() -> alice.connect(eve.peerId(), LIMIT))
        .hasMessageContaining("connection failed");
  }

  @Test
  void aRelayThatGoesAwayTakesItsConnectionsWithIt() throws Exception {
    reserve();
    Connection relayed = alice.connect(bob.peerId(), LIMIT);
    CompletableFuture<Void> closing = CompletableFuture.runAsync(rita::close);
    await().atMost(LIMIT).until(() -> !relayed.isOpen());
    closing.join();
  }
}
