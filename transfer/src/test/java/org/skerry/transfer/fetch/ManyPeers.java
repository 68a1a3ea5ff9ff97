package org.skerry.transfer.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.store.BlobStore;

/**
 * A process with the options of a node's that serves many peers at once, and what it holds in
 * memory meanwhile: all of it, mapped files too, as the kernel counts it.
 */
final class ManyPeers {
  private static final Duration LIMIT = Duration.ofMinutes(30);
  private static final long SAMPLE_MS = 200;

  /**
   * What the serving process held, in bytes.
   *
   * @param resident the most of its whole life
   * @param anonymous the most seen that is no file
   * @param servedAtOnce the most streams seen
   */
  record Memory(long resident, long anonymous, int servedAtOnce) {
    String text() {
      return "%d MiB resident, %d MiB of it no file, %d streams at once"
          .formatted(resident >> 20, anonymous >> 20, servedAtOnce);
    }
  }

  private final Path folder;
  private final byte[] blob;
  private final int peers;

  ManyPeers(Path folder, byte[] blob, int peers) {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "only Linux tells it");
    this.folder = folder;
    this.blob = blob;
    this.peers = peers;
  }

  /**
   * Serves the blob to all of them, each at {@code rate} bytes a second.
   *
   * @param jvm options of the serving process
   */
  Memory serve(long rate, List<String> jvm) throws Exception {
    Path served = Files.createDirectories(folder.resolve("served"));
    BlobId id;
    try (BlobStore store = BlobStore.open(served)) {
      id = store.add(blob);
    }
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(jvm);
    command.addAll(
        List.of(
            "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
            "-cp",
            System.getProperty("java.class.path"),
            ServeOverTcp.class.getName(),
            served.toString(),
            Long.toString(rate)));
    Process server =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader lines = server.inputReader();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Multiaddr address = Multiaddr.parse(lines.readLine());
      List<Future<?>> fetches = new ArrayList<>();
      for (int i = 0; i < peers; i++) {
        Path place = folder.resolve("peer-" + i);
        fetches.add(
            threads.submit(() -> {
              fetch(id, address, place);
              return null;
            }));
      }
      Memory most = new Memory(0, 0, 0);
      for (Future<?> fetch : fetches) {
        while (!isDone(fetch)) {
          server.getOutputStream().write('\n');
          server.getOutputStream().flush();
          int uploads = Integer.parseInt(lines.readLine());
          most =
              new Memory(
                  kernelSays(server, "VmHWM"),
                  Math.max(most.anonymous(), kernelSays(server, "RssAnon")),
                  uploads);
        }
      }
      return most;
    } finally {
      server.destroyForcibly().waitFor();
    }
  }

  private static boolean isDone(Future<?> fetch) throws Exception {
    try {
      fetch.get(SAMPLE_MS, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  private void fetch(BlobId id, Multiaddr address, Path place) throws IOException {
    TcpHost host =
        TcpHost.start(
            PrivateKey.generate(new SecureRandom()),
            HostConfig.listening("test", Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
    try (Peer peer = new Peer(host, place)) {
      PeerId server = address.peerId().orElseThrow();
      host.addAddresses(server, List.of(address.withoutPeerId()));
      List<PeerId> sources = List.of(server);
      Path file = peer.fetcher.fetch(id, ignored -> sources, Progress.Listener.NONE, LIMIT);
      assertThat(Files.size(file)).isEqualTo(blob.length);
      peer.store.delete(id);
    }
  }

  private static long kernelSays(Process process, String name) throws IOException {
    try (Stream<String> lines =
        Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
      String line = lines.filter(l -> l.startsWith(name + ":")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", "")) << 10;
    }
  }
}
