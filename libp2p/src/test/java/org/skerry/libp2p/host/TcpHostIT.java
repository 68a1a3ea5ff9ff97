package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.ping.Ping;
import org.skerry.libp2p.testing.LeakCheck;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class TcpHostIT {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String ECHO = "/echo/1.0.0";
  private static final Multiaddr ANY_PORT = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");

  private final List<TcpHost> hosts = new ArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private TcpHost alice;
  private TcpHost bob;

  @BeforeEach
  void start() throws Exception {
    alice = host(HostLimits.DEFAULT);
    bob = host(HostLimits.DEFAULT);
    alice.addAddresses(bob.peerId(), bob.listenAddresses());
  }

  @AfterEach
  void stop() {
    hosts.forEach(TcpHost::close);
    threads.shutdownNow();
  }

  private TcpHost host(HostLimits limits) throws Libp2pException {
    TcpHost host =
        TcpHost.start(
            PrivateKey.generate(new SecureRandom()),
            HostConfig.listening("test", ANY_PORT).withLimits(limits));
    hosts.add(host);
    return host;
  }

  private static Multiaddr full(TcpHost host) {
    return host.listenAddresses().getFirst().withPeerId(host.peerId());
  }

  private static void echo(Stream stream) throws Libp2pException {
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    while (stream.read(buffer.clear()) >= 0) {
      stream.write(buffer.flip());
    }
  }

  private <T> Future<T> async(Callable<T> task) {
    return threads.submit(task);
  }

  private static void assertFails(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Libp2pException.class, e -> assertThat(e.reason()).as("%s", e).isEqualTo(reason));
  }

  private static void assertEndsWith(Reason reason, Future<?> future) {
    assertThatThrownBy(() -> future.get(5, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            Libp2pException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  @Test
  void identifiesEachOtherAndHearsOfNewProtocols() throws Exception {
    var seen = new ConcurrentLinkedQueue<List<String>>();
    alice.addListener(
        new Host.Listener() {
          @Override
          public void identified(PeerId peer, List<String> protocols, List<Multiaddr> addresses) {
            assertThat(addresses).isEqualTo(bob.listenAddresses());
            seen.add(protocols);
          }
        });
    alice.connect(bob.peerId(), LIMIT);
    await().until(() -> !seen.isEmpty());
    assertThat(seen.peek()).contains(Ping.PROTOCOL, "/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0");
    await().until(() -> bob.protocols(alice.peerId()).contains(Ping.PROTOCOL));
    assertThat(bob.addresses(alice.peerId())).containsAll(alice.listenAddresses());
    bob.handle(ECHO, TcpHostIT::echo);
    await().until(() -> alice.protocols(bob.peerId()).contains(ECHO));
  }

  @Test
  void pings() throws Exception {
    assertThat(Ping.measure(alice, bob.peerId(), LIMIT)).isPositive().isLessThan(LIMIT);
    await().until(() -> alice.protocols(bob.peerId()).contains(Ping.PROTOCOL));
    assertThat(Ping.measure(alice, bob.peerId(), LIMIT)).as("optimistically").isPositive();
  }

  @Test
  void echoes64MebibytesUnchanged() throws Exception {
    bob.handle(ECHO, TcpHostIT::echo);
    MessageDigest sent = MessageDigest.getInstance("SHA-256");
    MessageDigest received = MessageDigest.getInstance("SHA-256");
    try (Stream stream = alice.open(bob.peerId(), List.of(ECHO), LIMIT)) {
      Future<?> writing =
          async(() -> {
            Random random = new Random(9);
            byte[] piece = new byte[100_000];
            for (int left = 64 << 20; left > 0; left -= piece.length) {
              random.nextBytes(piece);
              ByteBuffer next = ByteBuffer.wrap(piece, 0, Math.min(left, piece.length));
              sent.update(next.duplicate());
              stream.write(next);
            }
            stream.closeWrite();
            return 0;
          });
      ByteBuffer buffer = ByteBuffer.allocate(50_000);
      long total = 0;
      while (stream.read(buffer.clear()) >= 0) {
        total += buffer.position();
        received.update(buffer.flip());
      }
      writing.get();
      assertThat(total).isEqualTo(64 << 20);
      assertThat(received.digest()).isEqualTo(sent.digest());
    }
    assertThat(alice.bufferedBytes()).isZero();
    assertThat(bob.bufferedBytes()).isZero();
  }

  @Test
  void blocksTheWriterOfASlowReaderWithoutGrowingMemory() throws Exception {
    CountDownLatch mayRead = new CountDownLatch(1);
    CompletableFuture<Integer> total = new CompletableFuture<>();
    bob.handle(
        "/slow",
        stream -> {
          uninterrupted(mayRead);
          ByteBuffer buffer = ByteBuffer.allocate(100_000);
          int size = 0;
          while (stream.read(buffer.clear()) >= 0) {
            size += buffer.position();
          }
          total.complete(size);
        });
    Stream stream = alice.open(bob.peerId(), List.of("/slow"), LIMIT);
    stream.timeout(Duration.ofMillis(300));
    ByteBuffer data = ByteBuffer.allocate(20 << 20);
    assertFails(Reason.TIMEOUT, () -> stream.write(data));
    int first = data.position();
    assertThat(bob.bufferedBytes()).isBetween(255L << 10, 256L << 10);
    assertThat(first).isBetween(511 << 10, (256 << 10) + MuxedStream.MAX_PENDING_BYTES);
    mayRead.countDown();
    stream.timeout(LIMIT);
    stream.write(data);
    stream.close();
    assertThat(total.get(10, TimeUnit.SECONDS)).isEqualTo(20 << 20);
    assertThat(bob.bufferedBytes()).isZero();
  }

  private static void uninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void carries500StreamsAtOnce() throws Exception {
    CountDownLatch all = new CountDownLatch(500);
    bob.handle(
        ECHO,
        stream -> {
          all.countDown();
          uninterrupted(all); // so that all of them are open together
          echo(stream);
        });
    List<Future<byte[]>> answers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      byte[] message = new byte[1 + i * 7];
      new Random(i).nextBytes(message);
      answers.add(
          async(() -> {
            try (Stream stream = alice.open(bob.peerId(), List.of(ECHO), LIMIT)) {
              stream.writeMessage(message);
              return stream.readMessage(message.length);
            }
          }));
    }
    for (int i = 0; i < 500; i++) {
      byte[] message = new byte[1 + i * 7];
      new Random(i).nextBytes(message);
      assertThat(answers.get(i).get()).isEqualTo(message);
    }
    assertThat(alice.connections()).hasSize(1);
    assertThat(bob.connections()).hasSize(1);
  }

  @Test
  void readsOnAfterClosingItsWritingHalf() throws Exception {
    bob.handle(
        "/sum",
        stream -> {
          int sum = 0;
          ByteBuffer buffer = ByteBuffer.allocate(100);
          while (stream.read(buffer.clear()) >= 0) {
            buffer.flip();
            while (buffer.hasRemaining()) {
              sum += buffer.get();
            }
          }
          stream.write(ByteBuffer.allocate(4).putInt(sum).flip());
        });
    try (Stream stream = alice.open(bob.peerId(), List.of("/sum"), LIMIT)) {
      stream.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      stream.closeWrite();
      assertFails(Reason.CLOSED, () -> stream.write(ByteBuffer.wrap(new byte[1])));
      assertThat(ByteBuffer.wrap(stream.readFully(4)).getInt()).isEqualTo(6);
      assertThat(stream.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
  }

  @Test
  void tellsTheOtherSideOfAReset() throws Exception {
    CompletableFuture<Reason> seen = new CompletableFuture<>();
    bob.handle(
        "/wait",
        stream -> {
          try {
            stream.read(ByteBuffer.allocate(1));
          } catch (Libp2pException e) {
            seen.complete(e.reason());
            throw e;
          }
        });
    Stream stream = alice.open(bob.peerId(), List.of("/wait"), LIMIT);
    stream.reset();
    assertThat(seen.get(5, TimeUnit.SECONDS)).isEqualTo(Reason.STREAM_RESET);
    assertFails(Reason.STREAM_RESET, () -> stream.read(ByteBuffer.allocate(1)));
    assertFails(Reason.STREAM_RESET, () -> stream.write(ByteBuffer.allocate(1)));
  }

  @Test
  void resetsWhenItsHandlerThrows() throws Exception {
    bob.handle(
        "/throws",
        stream -> {
          throw new IllegalStateException("on purpose");
        });
    // The reset may overtake the answer to the proposal.
    assertFails(
        Reason.STREAM_RESET,
        () -> alice.open(bob.peerId(), List.of("/throws"), LIMIT).read(ByteBuffer.allocate(1)));
    await().until(() -> bob.metrics().value(HostMetrics.Refusal.HANDLER_FAILED) == 1);
  }

  @Test
  void resetsAStreamThatIsClosedWithDataUnread() throws Exception {
    bob.handle("/close", stream -> stream.readFully(1));
    Stream stream = alice.open(bob.peerId(), List.of("/close"), LIMIT);
    stream.write(ByteBuffer.allocate(1000));
    assertFails(
        Reason.STREAM_RESET,
        () -> {
          while (true) {
            stream.read(ByteBuffer.allocate(1));
            stream.write(ByteBuffer.allocate(1000));
          }
        });
  }

  @Test
  void failsBlockedReadersAndWritersWhenTheConnectionCloses() throws Exception {
    bob.handle("/silent", stream -> stream.read(ByteBuffer.allocate(1)));
    bob.handle("/full", stream -> uninterrupted(new CountDownLatch(1)));
    Stream silent = alice.open(bob.peerId(), List.of("/silent"), LIMIT);
    Stream full = alice.open(bob.peerId(), List.of("/full"), LIMIT);
    Future<Integer> reading = async(() -> silent.read(ByteBuffer.allocate(1)));
    Future<Integer> writing =
        async(() -> {
          full.write(ByteBuffer.allocate(1 << 20));
          return 0;
        });
    CompletableFuture<PeerId> gone = new CompletableFuture<>();
    alice.addListener(
        new Host.Listener() {
          @Override
          public void disconnected(Connection connection) {
            gone.complete(connection.remotePeer());
          }
        });
    await().until(() -> bob.bufferedBytes() > 100_000);
    bob.connections().getFirst().close();
    assertEndsWith(Reason.CLOSED, reading);
    assertEndsWith(Reason.CLOSED, writing);
    assertThat(gone.get(5, TimeUnit.SECONDS)).isEqualTo(bob.peerId());
    assertThat(alice.connections()).isEmpty();
  }

  @Test
  void choosesTheFirstCommonProtocolAndRefusesWhenThereIsNone() throws Exception {
    bob.handle("/b", TcpHostIT::echo);
    bob.handle("/c", TcpHostIT::echo);
    try (Stream stream = alice.open(bob.peerId(), List.of("/a", "/b", "/c"), LIMIT)) {
      assertThat(stream.protocol()).isEqualTo("/b");
      assertThat(stream.remotePeer()).isEqualTo(bob.peerId());
    }
    assertFails(
        Reason.PROTOCOL_UNSUPPORTED, () -> alice.open(bob.peerId(), List.of("/x", "/y"), LIMIT));
  }

  @Test
  void learnsAfterAnOptimisticProposalThatTheProtocolIsGone() throws Exception {
    bob.handle("/old", TcpHostIT::echo);
    alice.connect(bob.peerId(), LIMIT);
    await().until(() -> alice.protocols(bob.peerId()).contains("/old"));
    alice.book().protocols(bob.peerId(), List.of("/old", "/gone"));
    Stream stream = alice.open(bob.peerId(), List.of("/gone"), LIMIT);
    stream.write(ByteBuffer.allocate(10));
    assertFails(Reason.PROTOCOL_UNSUPPORTED, () -> stream.read(ByteBuffer.allocate(1)));
    assertFails(
        Reason.PROTOCOL_UNSUPPORTED, () -> alice.open(bob.peerId(), List.of("/gone"), LIMIT));
  }

  @Test
  void deliversAOneWayMessageThatIsClosedRightAfterAnOptimisticProposal() throws Exception {
    var messages = new ConcurrentLinkedQueue<byte[]>();
    bob.handle("/tell", stream -> messages.add(stream.readMessage(100)));
    alice.connect(bob.peerId(), LIMIT);
    await().until(() -> alice.protocols(bob.peerId()).contains("/tell"));
    for (int i = 0; i < 50; i++) {
      try (Stream stream = alice.open(bob.peerId(), List.of("/tell"), LIMIT)) {
        stream.writeMessage(new byte[] {(byte) i});
      }
    }
    await().until(() -> messages.size() == 50);
  }

  @Test
  void keepsOneConnectionWhenManyThreadsDial() throws Exception {
    List<Future<Connection>> dials = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      dials.add(async(() -> alice.connect(bob.peerId(), LIMIT)));
    }
    for (Future<Connection> dial : dials) {
      assertThat(dial.get()).isSameAs(dials.getFirst().get());
    }
    await().until(() -> bob.connections().size() == 1);
    assertThat(bob.metrics().value(HostMetrics.CONNECTIONS_INBOUND)).isEqualTo(1);
  }

  @Test
  void survivesDialsFromBothSidesAtOnce() throws Exception {
    bob.addAddresses(alice.peerId(), alice.listenAddresses());
    alice.handle(ECHO, TcpHostIT::echo);
    bob.handle(ECHO, TcpHostIT::echo);
    for (int round = 0; round < 10; round++) {
      CountDownLatch go = new CountDownLatch(1);
      Future<byte[]> one = async(() -> roundTrip(go, alice, bob));
      Future<byte[]> other = async(() -> roundTrip(go, bob, alice));
      go.countDown();
      assertThat(one.get()).containsExactly(1, 2, 3);
      assertThat(other.get()).containsExactly(1, 2, 3);
      assertThat(alice.connections()).hasSize(1);
      await().until(() -> bob.connections().size() == 1);
      alice.table().all().forEach(MuxedConnection::close);
      await().until(() -> alice.table().places() == 0 && bob.table().places() == 0);
    }
  }

  private static byte[] roundTrip(CountDownLatch go, TcpHost from, TcpHost to) throws Exception {
    go.await();
    try (Stream stream = from.open(to.peerId(), List.of(ECHO), LIMIT)) {
      stream.writeMessage(new byte[] {1, 2, 3});
      return stream.readMessage(3);
    }
  }

  @Test
  void refusesToTalkToAnotherPeerThanTheOneDialled() throws Exception {
    TcpHost carol = host(HostLimits.DEFAULT);
    Multiaddr wrong = bob.listenAddresses().getFirst().withPeerId(carol.peerId());
    assertFails(Reason.HANDSHAKE_FAILED, () -> alice.connect(wrong, LIMIT));
    assertThat(alice.metrics().value("refused_noise_wrong_peer")).isEqualTo(1);
    assertThat(alice.connections()).isEmpty();
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
  void dropsAndCountsAClientThatSpeaksSomethingElse() throws Exception {
    for (String garbage :
        List.of(
            "GET /index.html HTTP/1.1\r\nHost: example.org\r\nUser-Agent: a browser, it says\r\n\r\n",
            "\u00ff\u00ff\u00ff\u007f")) {
      try (Socket socket = connect(bob)) {
        socket.getOutputStream().write(garbage.getBytes(StandardCharsets.ISO_8859_1));
        assertClosed(socket);
      }
    }
    assertThat(bob.metrics().value("refused_multistream_bad_message")).isEqualTo(2);
    alice.connect(bob.peerId(), LIMIT);
  }

  @Test
  void dropsAClientWhoseNoiseIsNoise() throws Exception {
    try (Socket socket = connect(bob)) {
      socket
          .getOutputStream()
          .write(
              "\u0013/multistream/1.0.0\n\u0007/noise\n\u0000\u0003abc"
                  .getBytes(StandardCharsets.US_ASCII));
      assertClosed(socket);
    }
    await().until(() -> bob.metrics().value("refused_noise_truncated") == 1);
  }

  @Test
  void timesOutAHandshakeThatTrickles() throws Exception {
    TcpHost strict =
        host(HostLimits.DEFAULT.withTimeouts(Duration.ofMillis(400), Duration.ofSeconds(1)));
    try (Socket socket = connect(strict)) {
      Future<?> trickle =
          async(() -> {
            for (byte b : "\u0013/multistream/1.0.0\n".getBytes(StandardCharsets.US_ASCII)) {
              socket.getOutputStream().write(b);
              Thread.sleep(100);
            }
            return 0;
          });
      assertClosed(socket);
      trickle.cancel(true);
    }
    assertThat(strict.metrics().value(HostMetrics.Refusal.HANDSHAKE_TIMEOUT)).isEqualTo(1);
    await().until(() -> strict.table().places() == 0);
  }

  @Test
  void limitsConnectionsInAllHandshakesAndPerAddress() throws Exception {
    TcpHost small = host(HostLimits.DEFAULT.withConnections(3, 3, 2));
    try (Socket one = connect(small);
        Socket two = connect(small);
        Socket three = connect(small)) {
      assertClosed(three);
      assertThat(one.isConnected() && two.isConnected()).isTrue();
      assertThat(small.metrics().value(HostMetrics.Refusal.PENDING_HANDSHAKES)).isEqualTo(1);
    }
    await().until(() -> small.table().places() == 0);
    for (int i = 0; i < 3; i++) {
      host(HostLimits.DEFAULT).connect(full(small), LIMIT);
    }
    TcpHost fourth = host(HostLimits.DEFAULT);
    assertFails(Reason.HANDSHAKE_FAILED, () -> fourth.connect(full(small), LIMIT));
    assertThat(small.metrics().value(HostMetrics.Refusal.CONNECTIONS)).isEqualTo(1);
    assertFails(Reason.LIMIT_EXCEEDED, () -> small.connect(full(bob), LIMIT));
    TcpHost perIp = host(HostLimits.DEFAULT.withConnections(10, 1, 5));
    alice.connect(full(perIp), LIMIT);
    assertFails(Reason.HANDSHAKE_FAILED, () -> fourth.connect(full(perIp), LIMIT));
    assertThat(perIp.metrics().value(HostMetrics.Refusal.CONNECTIONS_PER_IP)).isEqualTo(1);
  }

  @Test
  void resetsStreamsBeyondTheHostsBufferBudget() throws Exception {
    TcpHost small = host(HostLimits.DEFAULT.withBuffers(64L << 20, 300_000));
    small.handle("/full", stream -> uninterrupted(new CountDownLatch(1)));
    alice.connect(full(small), LIMIT);
    List<Stream> streams = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      streams.add(alice.open(small.peerId(), List.of("/full"), LIMIT));
      streams.get(i).write(ByteBuffer.allocate(200_000));
    }
    await().until(() -> small.metrics().value(HostMetrics.Refusal.BUFFERED_BYTES) >= 1);
    assertThat(small.bufferedBytes()).isLessThanOrEqualTo(300_000);
    assertThat(Ping.measure(alice, small.peerId(), LIMIT)).as("the rest goes on").isPositive();
  }

  private static Socket connect(TcpHost host) throws IOException {
    String[] words = host.listenAddresses().getFirst().toString().split("/", -1);
    return new Socket(words[2], Integer.parseInt(words[4]));
  }

  /** Reads to the end, which the host must bring about. */
  private static void assertClosed(Socket socket) throws IOException {
    socket.setSoTimeout(10_000);
    InputStream in = socket.getInputStream();
    try {
      while (in.read() >= 0) {
        // what the host sent before it hung up
      }
    } catch (SocketException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }
}
