package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.crypto.PrivateKey;

/** What a host does not put up with. */
class TcpHostileClientIT extends HostFixture {
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
    assertThat(bob.metrics().value("refused_multistream_bad_header")).isEqualTo(1);
    assertThat(bob.metrics().value("refused_multistream_bad_message")).isEqualTo(1);
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
  void dropsAClientWhoseTlsIsNone() throws Exception {
    try (Socket socket = connect(bob)) {
      socket
          .getOutputStream()
          .write(
              "\u0013/multistream/1.0.0\n\u000b/tls/1.0.0\nGET / HTTP/1.1\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      assertClosed(socket);
    }
    await().until(() -> bob.metrics().value("refused_tls_handshake") == 1);
  }

  @Test
  void timesOutAHandshakeThatTrickles() throws Exception {
    TcpHost strict =
        host(HostLimits.DEFAULT.withTimeouts(Duration.ofMillis(400), Duration.ofSeconds(1)));
    try (Socket socket = connect(strict)) {
      ByteBuffer bytes =
          ByteBuffer.wrap("\u0013/multistream/1.0.0\n".getBytes(StandardCharsets.US_ASCII));
      await()
          .pollInterval(Duration.ofMillis(50))
          .until(() -> {
            if (isClosed(socket)) {
              return true;
            }
            if (bytes.hasRemaining()) {
              socket.getOutputStream().write(bytes.get());
            }
            return false;
          });
    }
    assertThat(strict.metrics().value(HostMetrics.Refusal.HANDSHAKE_TIMEOUT)).isEqualTo(1);
    await().until(() -> strict.table().places() == 0);
  }

  @Test
  void limitsConnectionsInAllHandshakesAndPerAddress() throws Exception {
    TcpHost small = host(HostLimits.DEFAULT.withConnections(3, 3, 4));
    try (Socket one = connect(small);
        Socket two = connect(small);
        Socket three = connect(small)) {
      assertClosed(three);
      assertThat(one.isConnected() && two.isConnected()).isTrue();
      assertThat(small.metrics().value(HostMetrics.Refusal.PENDING_HANDSHAKES_PER_IP)).isEqualTo(1);
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
  void tellsListenersOnceOfManyPushes() throws Exception {
    PrivateKey key = PrivateKey.generate(new SecureRandom());
    TcpHost chatty = host(key, HostLimits.DEFAULT);
    CountDownLatch busy = new CountDownLatch(1);
    var heard = new ConcurrentLinkedQueue<List<String>>();
    alice.addListener(
        new Host.Listener() {
          @Override
          public void identified(PeerId peer, List<String> protocols, List<Multiaddr> addresses) {
            heard.add(protocols);
            uninterrupted(busy);
          }
        });
    alice.connect(full(chatty), LIMIT);
    await().until(() -> heard.size() == 1);
    for (int i = 1; i <= 20; i++) {
      String protocol = "/push/" + i;
      try (Stream stream = chatty.open(alice.peerId(), List.of("/ipfs/id/push/1.0.0"), LIMIT)) {
        stream.writeMessage(
            new IdentifyMessage(
                    key.publicKey(),
                    "test",
                    List.of(protocol),
                    List.of(),
                    Optional.empty(),
                    ByteString.EMPTY)
                .encode());
      }
      await().until(() -> alice.protocols(chatty.peerId()).contains(protocol));
    }
    busy.countDown();
    await().until(() -> heard.size() > 1);
    assertThat(heard).hasSize(2).last().isEqualTo(List.of("/push/20"));
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

  /** Whether the host has hung up; it has sent nothing before that. */
  private static boolean isClosed(Socket socket) throws IOException {
    socket.setSoTimeout(1);
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (SocketException e) {
      return true;
    }
  }
}
