package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.testing.LeakCheck;

/** Two hosts, of which Alice knows where Bob listens; all hosts are closed after each test. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
abstract class HostFixture {
  static final Duration LIMIT = Duration.ofSeconds(10);
  static final String ECHO = "/echo/1.0.0";

  /** Where new hosts listen. */
  Multiaddr listen = Wire.TLS.listen();

  /** With what new hosts secure their connections. */
  List<SecureProtocol> security = List.of(SecureProtocol.values());

  final List<TcpHost> hosts = new ArrayList<>();
  final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  TcpHost alice;
  TcpHost bob;

  /** New hosts are connected by {@code wire}. */
  void connectBy(Wire wire) {
    listen = wire.listen();
    security = wire.security();
  }

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

  TcpHost host(HostLimits limits) throws Libp2pException {
    return host(PrivateKey.generate(new SecureRandom()), limits);
  }

  TcpHost host(PrivateKey key, HostLimits limits) throws Libp2pException {
    return host(key, new HostConfig(List.of(listen), "skerry/test", limits, security));
  }

  TcpHost host(PrivateKey key, HostConfig config) throws Libp2pException {
    TcpHost host = TcpHost.start(key, config);
    hosts.add(host);
    return host;
  }

  static Multiaddr full(TcpHost host) {
    return host.listenAddresses().getFirst().withPeerId(host.peerId());
  }

  static void echo(Stream stream) throws Libp2pException {
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    while (stream.read(buffer.clear()) >= 0) {
      stream.write(buffer.flip());
    }
  }

  /** Opens a stream once it may go, and has it echo three bytes. */
  static byte[] roundTrip(CountDownLatch go, TcpHost from, TcpHost to) throws Exception {
    go.await();
    try (Stream stream = from.open(to.peerId(), List.of(ECHO), LIMIT)) {
      stream.writeMessage(new byte[] {1, 2, 3});
      return stream.readMessage(3);
    }
  }

  <T> Future<T> async(Callable<T> task) {
    return threads.submit(task);
  }

  static void assertFails(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Libp2pException.class, e -> assertThat(e.reason()).as("%s", e).isEqualTo(reason));
  }

  static void assertEndsWith(Reason reason, Future<?> future) {
    assertThatThrownBy(() -> future.get(5, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            Libp2pException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  static void uninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
