package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.ping.Ping;
import org.skerry.libp2p.tls.ForeignTls;
import org.skerry.libp2p.tls.ForeignTls.Certificate;

/** What is different where hosts are connected by QUIC. */
class QuicIT extends HostFixture {
  private static final String LIBP2P = "libp2p";

  /** A Retry, and then nothing. */
  private static final int DEAF_AFTER = 1;

  private final ForeignQuic foreign = new ForeignQuic();

  QuicIT() {
    connectBy(Wire.QUIC);
  }

  @AfterEach
  void endForeign() {
    foreign.close();
  }

  @Test
  void runsWhereTheTestsDo() {
    assertThat(TcpHost.speaksQuic()).isTrue();
  }

  @Test
  void listensOnTcpAndQuicAtOnce() throws Exception {
    HostConfig both =
        new HostConfig(
            List.of(Wire.TLS.listen(), Wire.QUIC.listen()),
            "test",
            HostLimits.DEFAULT,
            List.of(SecureProtocol.TLS));
    TcpHost carol = TcpHost.start(PrivateKey.generate(new SecureRandom()), both);
    hosts.add(carol);
    assertThat(carol.listenAddresses()).map(Multiaddr::isQuic).containsExactly(false, true);
    for (Multiaddr address : carol.listenAddresses()) {
      Connection connection = alice.dial(address.withPeerId(carol.peerId()), LIMIT);
      assertThat(connection.remotePeer()).isEqualTo(carol.peerId());
      assertThat(connection.remoteAddress()).isEqualTo(address);
    }
  }

  @Test
  void reachesAPeerByQuicWhereTcpDoesNotComeThrough() throws Exception {
    Multiaddr dead = Multiaddr.parse("/ip4/127.0.0.1/tcp/1");
    Multiaddr named = Multiaddr.parse("/dns4/name.invalid/udp/1/quic-v1");
    alice.addAddresses(bob.peerId(), List.of(dead, named));
    Connection connection = alice.connect(bob.peerId(), LIMIT);
    assertThat(connection.remoteAddress()).isEqualTo(bob.listenAddresses().getFirst());
  }

  @Test
  void dialsFromThePortThatItListensOn() throws Exception {
    bob.addAddresses(alice.peerId(), alice.listenAddresses());
    alice.connect(bob.peerId(), LIMIT);
    await().until(() -> bob.connections().size() == 1);
    assertThat(bob.connections().getFirst().remoteAddress())
        .isEqualTo(alice.listenAddresses().getFirst());

    Connection back = bob.dial(full(alice), LIMIT);
    assertThat(back.initiator()).isTrue();
    await().until(() -> alice.table().all().size() == 2);
    assertThat(Ping.measure(alice, bob.peerId(), LIMIT)).isPositive();
    assertThat(Ping.measure(bob, alice.peerId(), LIMIT)).isPositive();
  }

  @Test
  void dialsWithoutListening() throws Exception {
    HostConfig silent =
        new HostConfig(List.of(), "test", HostLimits.DEFAULT, List.of(SecureProtocol.TLS));
    TcpHost carol = TcpHost.start(PrivateKey.generate(new SecureRandom()), silent);
    hosts.add(carol);
    carol.connect(full(bob), LIMIT);
    assertThat(Ping.measure(carol, bob.peerId(), LIMIT)).isPositive();
  }

  @Test
  void namesThePortInUse() {
    Multiaddr taken = bob.listenAddresses().getFirst();
    assertThatThrownBy(() ->
            TcpHost.start(
                PrivateKey.generate(new SecureRandom()), HostConfig.listening("test", taken)))
        .isInstanceOfSatisfying(
            Libp2pException.class, e -> assertThat(e.reason()).isEqualTo(Reason.ADDRESS_IN_USE))
        .hasMessageContaining(taken.toString());
  }

  @Test
  void refusesToTalkToAnotherPeerThanTheOneDialled() {
    Multiaddr wrong = bob.listenAddresses().getFirst().withPeerId(alice.peerId());
    assertFails(Reason.HANDSHAKE_FAILED, () -> host(HostLimits.DEFAULT).connect(wrong, LIMIT));
    assertThat(hosts.getLast().metrics().value("refused_tls_wrong_peer")).isEqualTo(1);
    assertThat(hosts.getLast().connections()).isEmpty();
  }

  @Test
  void refusesADiallerWithoutIdentity() throws Exception {
    foreign.dial(bob, ForeignTls.client(Certificate.BARE, LIBP2P));
    await().until(() -> bob.metrics().value("refused_tls_bad_extension") == 1);
    foreign.dial(bob, ForeignTls.client(Certificate.NONE, LIBP2P));
    await().until(() -> bob.metrics().value("refused_tls_handshake") == 1);
    await().until(() -> bob.table().places() == 0);
    assertThat(bob.metrics().value(HostMetrics.CONNECTIONS_INBOUND)).isZero();
  }

  @Test
  void refusesADiallerOfAnotherProtocol() throws Exception {
    Future<QuicChannel> dial = foreign.dial(bob, ForeignTls.client(Certificate.PEER, "h3"));
    await().until(dial::isDone);
    assertThat(dial.state()).isEqualTo(Future.State.FAILED);
    await().until(() -> bob.table().places() == 0);
    // Who is not told tries again.
    assertThat(bob.metrics().value("refused_tls_handshake")).isEqualTo(1);
  }

  @Test
  void refusesAListenerWithoutIdentity() throws Exception {
    PeerId friend = PeerId.of(PrivateKey.generate(new SecureRandom()).publicKey());
    Multiaddr imposter = foreign.listen(ForeignTls.server(Certificate.BARE));
    assertFails(Reason.HANDSHAKE_FAILED, () -> alice.connect(imposter.withPeerId(friend), LIMIT));
    assertThat(alice.metrics().value("refused_tls_bad_extension")).isEqualTo(1);
    await().until(() -> alice.table().places() == 0);
  }

  @Test
  void timesOutAHandshakeThatStops() throws Exception {
    TcpHost strict =
        host(HostLimits.DEFAULT.withTimeouts(Duration.ofMillis(400), Duration.ofSeconds(1)));
    foreign.dial(strict, ForeignTls.client(Certificate.PEER, LIBP2P), DEAF_AFTER);
    await().until(() -> strict.metrics().value(HostMetrics.Refusal.HANDSHAKE_TIMEOUT) == 1);
    await().until(() -> strict.table().places() == 0);
  }

  @Test
  void limitsConnectionsInAllHandshakesAndPerAddress() throws Exception {
    TcpHost small = host(HostLimits.DEFAULT.withConnections(3, 3, 4));
    for (int i = 0; i < 3; i++) {
      foreign.dial(small, ForeignTls.client(Certificate.PEER, LIBP2P), DEAF_AFTER);
    }
    await().until(() -> small.metrics().value(HostMetrics.Refusal.PENDING_HANDSHAKES_PER_IP) >= 1);
    assertThat(small.table().places()).isEqualTo(2);
    foreign.close();

    TcpHost full = host(HostLimits.DEFAULT.withConnections(1, 1, 2));
    alice.connect(full(full), LIMIT);
    TcpHost carol = host(HostLimits.DEFAULT);
    assertFails(Reason.HANDSHAKE_FAILED, () -> carol.connect(full(full), LIMIT));
    // Who is not told tries again.
    assertThat(full.metrics().value(HostMetrics.Refusal.CONNECTIONS)).isEqualTo(1);
    assertFails(Reason.LIMIT_EXCEEDED, () -> full.connect(full(bob), LIMIT));
  }

  @Test
  void waitsForNobodyLongerThanItMay() throws Exception {
    TcpHost hasty =
        host(HostLimits.DEFAULT.withTimeouts(Duration.ofMillis(300), Duration.ofSeconds(1)));
    Multiaddr gone = full(bob);
    bob.close();
    assertFails(Reason.TIMEOUT, () -> hasty.connect(gone, LIMIT));
    assertThat(hasty.metrics().value(HostMetrics.Refusal.HANDSHAKE_TIMEOUT)).isZero();
  }

  @Test
  void readsOnFromAPeerThatReadsNoMore() throws Exception {
    CompletableFuture<byte[]> heard = new CompletableFuture<>();
    CompletableFuture<Reason> answered = new CompletableFuture<>();
    bob.handle(
        "/tell",
        stream -> {
          try {
            while (true) {
              stream.write(ByteBuffer.allocate(100_000));
            }
          } catch (Libp2pException e) {
            answered.complete(e.reason());
          }
          heard.complete(stream.readFully(5));
        });
    QuicChannel quic = foreign.dial(bob, ForeignTls.client(Certificate.PEER, LIBP2P)).get();
    CompletableFuture<Void> negotiated = new CompletableFuture<>();
    var reader =
        new SimpleChannelInboundHandler<ByteBuf>() {
          @Override
          protected void channelRead0(ChannelHandlerContext ctx, ByteBuf answer) {
            negotiated.complete(null);
          }
        };
    QuicStreamChannel stream = quic.createStream(QuicStreamType.BIDIRECTIONAL, reader).get();
    stream
        .write(
            Unpooled.copiedBuffer(
                "\u0013/multistream/1.0.0\n\u0006/tell\n", StandardCharsets.US_ASCII))
        .sync();
    negotiated.get(10, TimeUnit.SECONDS);
    stream.shutdownInput(0).sync();
    stream.write(Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII)).sync();
    assertThat(answered.get(10, TimeUnit.SECONDS)).isEqualTo(Reason.STREAM_RESET);
    assertThat(new String(heard.get(10, TimeUnit.SECONDS), StandardCharsets.US_ASCII))
        .isEqualTo("hello");
  }

  @Test
  void holdsNoMoreOfAConnectionThanItMay() throws Exception {
    int limit = 300_000;
    TcpHost small = host(HostLimits.DEFAULT.withBuffers(limit, 64 << 20));
    CountDownLatch mayRead = new CountDownLatch(1);
    LongAdder total = new LongAdder();
    small.handle(
        "/slow",
        stream -> {
          uninterrupted(mayRead);
          ByteBuffer buffer = ByteBuffer.allocate(100_000);
          while (stream.read(buffer.clear()) >= 0) {
            total.add(buffer.position());
          }
        });
    alice.addAddresses(small.peerId(), small.listenAddresses());
    List<Future<Integer>> writing = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      writing.add(
          async(() -> {
            try (Stream stream = alice.open(small.peerId(), List.of("/slow"), LIMIT)) {
              stream.write(ByteBuffer.allocate(600_000));
            }
            return 0;
          }));
    }
    await().until(() -> small.bufferedBytes() >= limit);
    // One more piece may have been under way.
    assertThat(small.bufferedBytes()).isLessThan(limit + (64 << 10));
    mayRead.countDown();
    for (Future<Integer> one : writing) {
      one.get();
    }
    await().until(() -> total.sum() == 4 * 600_000);
  }

  @Test
  void takesNewStreamsElsewhereAfterManyResets() throws Exception {
    bob.handle("/silent", stream -> stream.read(ByteBuffer.allocate(1)));
    Connection first = alice.connect(bob.peerId(), LIMIT);
    MuxedConnection muxed = alice.table().best(bob.peerId()).orElseThrow();
    for (int i = 0; i < QuicHandler.MAX_RESETS; i++) {
      muxed.open(LIMIT).reset();
    }
    await().until(() -> !muxed.takesStreams());
    assertThat(Ping.measure(alice, bob.peerId(), LIMIT)).isPositive();
    await().until(() -> !first.isOpen());
    assertThat(alice.connections()).hasSize(1).doesNotContain(first);
  }

  @Test
  void failsADialThatTheHostsEndCutsOff() throws Exception {
    TcpHost carol = host(HostLimits.DEFAULT);
    Multiaddr gone = full(bob);
    bob.close();
    var dialling = async(() -> carol.connect(gone, Duration.ofSeconds(50)));
    await().until(() -> carol.table().places() == 1);
    carol.close();
    assertThatThrownBy(() -> dialling.get(5, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(Libp2pException.class);
  }
}
