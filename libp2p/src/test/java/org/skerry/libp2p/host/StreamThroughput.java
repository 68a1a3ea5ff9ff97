package org.skerry.libp2p.host;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.crypto.PrivateKey;

/** Measures one stream between two hosts of this process; both ends' CPU time counts. */
final class StreamThroughput {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final long ROUND_BYTES = 512L << 20;

  private StreamThroughput() {}

  public static void main(String[] arguments) throws Exception {
    Multiaddr any = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
    try (TcpHost receiver =
            TcpHost.start(
                PrivateKey.generate(new SecureRandom()), HostConfig.listening("bench", any));
        TcpHost sender =
            TcpHost.start(
                PrivateKey.generate(new SecureRandom()), HostConfig.listening("bench", any))) {
      sender.addAddresses(receiver.peerId(), receiver.listenAddresses());
      for (int round = 1; round <= 5; round++) {
        round(sender, receiver, round);
      }
    }
  }

  private static void round(TcpHost sender, TcpHost receiver, int round) throws Exception {
    CompletableFuture<Long> received = new CompletableFuture<>();
    receiver.handle(
        "/sink/" + round,
        stream -> {
          ByteBuffer buffer = ByteBuffer.allocate(256 << 10);
          long total = 0;
          while (stream.read(buffer.clear()) >= 0) {
            total += buffer.position();
          }
          received.complete(total);
        });
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = system.getProcessCpuTime();
    long start = System.nanoTime();
    try (Stream stream = sender.open(receiver.peerId(), List.of("/sink/" + round), LIMIT)) {
      byte[] data = new byte[256 << 10];
      for (long left = ROUND_BYTES; left > 0; left -= data.length) {
        stream.write(ByteBuffer.wrap(data));
      }
    }
    if (received.get() != ROUND_BYTES) {
      throw new IllegalStateException("received " + received.get());
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuSeconds = (system.getProcessCpuTime() - cpu) / 1e9;
    System.out.printf(
        "round %d: %.0f MiB/s, %.2f CPU-s/GiB%n",
        round, ROUND_BYTES / seconds / (1 << 20), cpuSeconds / ROUND_BYTES * (1L << 30));
  }
}
