package org.skerry.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.HostLimits;
import org.skerry.libp2p.host.SecureProtocol;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.ping.Ping;

/**
 * Many connections from this process to one of its own whose memory is measured. Two peers keep but
 * one connection, so a few hosts there are dialled by many here: each pair has one.
 */
final class OpenConnections {
  private static final Multiaddr LOOPBACK = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int SERVERS = 20;
  private static final int DIALLERS = 4;

  /** What identify and the first of the ticks leave behind is not part of an open connection. */
  private static final Duration SETTLED = Duration.ofSeconds(10);

  /** Descriptors of a host's event loops and of the JVM. */
  private static final int FILES_PER_HOST = 10;

  private OpenConnections() {}

  /**
   * Resident memory of the process that is dialled.
   *
   * @param idleMib before the first connection
   * @param openMib with all of them, each of which has answered a ping
   */
  record Memory(double idleMib, double openMib) {}

  static Memory measure(SecureProtocol security, int connections) throws Exception {
    int clients = Math.ceilDiv(connections, SERVERS);
    long files = connections + (long) FILES_PER_HOST * (clients + SERVERS);
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        && unix.getMaxFileDescriptorCount() < files) {
      throw new IOException(
          "a process may open %d files, and %d connections take %d: raise it (ulimit -n %d)"
              .formatted(unix.getMaxFileDescriptorCount(), connections, files, files));
    }
    List<String> command =
        List.of(
            ProcessHandle.current().info().command().orElse("java"),
            "-Xms64m", // As skerry itself runs.
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            OpenConnections.class.getName(),
            security.name(),
            Integer.toString(clients + 1));
    List<TcpHost> hosts = new ArrayList<>();
    try (LineProcess server =
            new LineProcess("the process that is dialled", new ProcessBuilder(command));
        ExecutorService threads = Executors.newFixedThreadPool(DIALLERS)) {
      List<Multiaddr> addresses =
          Arrays.stream(server.answer().split(" ")).map(Multiaddr::parse).toList();
      double idleMib = residentMib(server.pid());
      List<Future<?>> dials = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        TcpHost host = host(List.of(), security, SERVERS + 1);
        hosts.add(host);
        int most = Math.min(SERVERS, connections - i * SERVERS);
        dials.add(threads.submit(() -> dial(host, addresses.subList(0, most))));
      }
      for (Future<?> dial : dials) {
        dial.get();
      }
      Thread.sleep(SETTLED);
      double openMib = residentMib(server.pid());
      int open = Integer.parseInt(server.ask("connections"));
      if (open != connections) {
        throw new IOException("of " + connections + " connections " + open + " are open");
      }
      return new Memory(idleMib, openMib);
    } catch (ExecutionException e) {
      throw new IOException("a connection failed: " + e.getMessage(), e);
    } finally {
      hosts.forEach(TcpHost::close);
    }
  }

  private static Void dial(TcpHost host, List<Multiaddr> addresses) throws IOException {
    for (Multiaddr address : addresses) {
      host.connect(address, LIMIT);
      Ping.measure(host, address.peerId().orElseThrow(), LIMIT);
    }
    return null;
  }

  private static TcpHost host(List<Multiaddr> listen, SecureProtocol security, int connections)
      throws IOException {
    return TcpHost.start(
        PrivateKey.generate(new SecureRandom()),
        new HostConfig(
            listen,
            "skerry/bench",
            HostLimits.DEFAULT.withConnections(2 * connections, 2 * connections, 4 * DIALLERS),
            List.of(security)));
  }

  /** As the kernel counts it, mapped files included. */
  private static double residentMib(long pid) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      String line = lines.filter(l -> l.startsWith("VmRSS:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
    }
  }

  /** The process: says where it listens, and then, when asked, how many connections it has. */
  public static void main(String[] arguments) throws IOException {
    SecureProtocol security = SecureProtocol.valueOf(arguments[0]);
    int most = Integer.parseInt(arguments[1]);
    List<TcpHost> hosts = new ArrayList<>();
    for (int i = 0; i < SERVERS; i++) {
      hosts.add(host(List.of(LOOPBACK), security, most));
    }
    System.out.println(
        hosts.stream()
            .map(host -> host.listenAddresses().getFirst().withPeerId(host.peerId()).toString())
            .collect(Collectors.joining(" ")));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    while (in.readLine() != null) {
      System.out.println(hosts.stream().mapToInt(host -> host.connections().size()).sum());
    }
    hosts.forEach(TcpHost::close);
  }
}
