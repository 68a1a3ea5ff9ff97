package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;

/** How a connection comes about, or does not. */
class TcpDialIT extends HostFixture {
  @Test
  void refusesToTalkToAnotherPeerThanTheOneDialled() throws Exception {
    Multiaddr wrong = bob.listenAddresses().getFirst().withPeerId(alice.peerId());
    for (SecureProtocol secured : SecureProtocol.values()) {
      security = List.of(secured);
      TcpHost carol = host(HostLimits.DEFAULT);
      assertFails(Reason.HANDSHAKE_FAILED, () -> carol.connect(wrong, LIMIT));
      String counter = "refused_%s_wrong_peer".formatted(secured).toLowerCase(Locale.ROOT);
      assertThat(carol.metrics().value(counter)).isEqualTo(1);
      assertThat(carol.connections()).isEmpty();
    }
  }

  @Test
  void securesAConnectionByWhatBothSidesHave() throws Exception {
    for (SecureProtocol secured : SecureProtocol.values()) {
      security = List.of(secured);
      TcpHost carol = host(HostLimits.DEFAULT);
      carol.handle(ECHO, HostFixture::echo);
      bob.handle(ECHO, HostFixture::echo);
      carol.addAddresses(bob.peerId(), bob.listenAddresses());
      alice.addAddresses(carol.peerId(), carol.listenAddresses());
      assertThat(roundTrip(new CountDownLatch(0), alice, carol)).containsExactly(1, 2, 3);
      assertThat(roundTrip(new CountDownLatch(0), carol, bob)).containsExactly(1, 2, 3);
    }
    security = List.of(SecureProtocol.TLS);
    TcpHost tls = host(HostLimits.DEFAULT);
    security = List.of(SecureProtocol.NOISE);
    TcpHost noise = host(HostLimits.DEFAULT);
    assertFails(Reason.HANDSHAKE_FAILED, () -> tls.connect(full(noise), LIMIT));
    assertFails(Reason.HANDSHAKE_FAILED, () -> noise.connect(full(tls), LIMIT));
  }

  @Test
  void saysWhyAPeerCannotBeReached() throws Exception {
    PeerId nobody = PeerId.of(PrivateKey.generate(new SecureRandom()).publicKey());
    assertFails(Reason.UNREACHABLE, () -> alice.connect(nobody, LIMIT));
    assertFails(Reason.UNREACHABLE, () -> alice.connect(full(alice), LIMIT));
    assertFails(Reason.UNREACHABLE, () -> alice.connect(bob.listenAddresses().getFirst(), LIMIT));
    Multiaddr old = full(bob);
    bob.close();
    assertFails(Reason.UNREACHABLE, () -> alice.connect(old, LIMIT));
    try (ServerSocket mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Multiaddr silent =
          Multiaddr.tcp(mute.getInetAddress(), mute.getLocalPort()).withPeerId(nobody);
      assertFails(Reason.TIMEOUT, () -> alice.connect(silent, Duration.ofMillis(300)));
    }
  }

  @Test
  void reachesAPeerThroughTheOneAddressOfManyThatWorks() throws Exception {
    alice.addAddresses(
        bob.peerId(),
        List.of(
            Multiaddr.parse("/ip4/127.0.0.1/tcp/1"),
            Multiaddr.parse("/ip4/127.0.0.1/udp/1/quic-v1"),
            Multiaddr.parse("/dns4/name.invalid/tcp/1")));
    alice.connect(bob.peerId(), LIMIT);
    assertThat(alice.addresses(bob.peerId()).getFirst())
        .isEqualTo(bob.listenAddresses().getFirst());
  }

  @Test
  void namesTheAddressInUse() throws Exception {
    assertThatThrownBy(() ->
            TcpHost.start(
                PrivateKey.generate(new SecureRandom()),
                HostConfig.listening("test", bob.listenAddresses().getFirst())))
        .isInstanceOfSatisfying(
            Libp2pException.class, e -> assertThat(e.reason()).isEqualTo(Reason.ADDRESS_IN_USE))
        .hasMessageContaining(bob.listenAddresses().getFirst().toString())
        .hasMessageContaining("choose another");
  }

  @Test
  void failsThoseWhoDialOrWaitWhenTheHostCloses() throws Exception {
    try (ServerSocket mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      PeerId nobody = PeerId.of(PrivateKey.generate(new SecureRandom()).publicKey());
      Multiaddr silent =
          Multiaddr.tcp(mute.getInetAddress(), mute.getLocalPort()).withPeerId(nobody);
      mute.setSoTimeout(10_000);
      Future<?> dialling = async(() -> alice.connect(silent, Duration.ofSeconds(50)));
      try (Socket accepted = mute.accept()) {
        assertThat(accepted.isConnected()).isTrue();
        Future<?> joining = async(() -> alice.connect(silent, Duration.ofSeconds(50)));
        alice.close();
        for (Future<?> one : List.of(dialling, joining)) {
          assertThatThrownBy(() -> one.get(5, TimeUnit.SECONDS))
              .isInstanceOf(ExecutionException.class)
              .cause()
              .isInstanceOf(Libp2pException.class);
        }
      }
    }
  }

  @Test
  void waitsForNoNameLongerThanItMay() throws Exception {
    Multiaddr name = Multiaddr.parse("/dns4/slow.example/tcp/1");
    EventLoops loops = EventLoops.start(Sockets.best());
    try {
      Tunnel none =
          (address, peer, timeout) -> {
            throw new AssertionError("no address of a relay is known");
          };
      Dialer dialer =
          new Dialer(
              new Attempts(
                  new TcpTransport(loops), Optional.empty(), none, alice.table(), alice.context()),
              alice.book(),
              address -> {
                if (address.equals(name)) {
                  uninterrupted(new CountDownLatch(1));
                }
                return SocketAddresses.resolve(address);
              });
      assertFails(
          Reason.TIMEOUT, () -> dialer.dial(bob.peerId(), List.of(name), Duration.ofMillis(100)));
      List<Multiaddr> both = List.of(name, bob.listenAddresses().getFirst());
      assertThat(dialer.dial(bob.peerId(), both, LIMIT).remotePeer()).isEqualTo(bob.peerId());
    } finally {
      loops.close();
    }
  }
}
