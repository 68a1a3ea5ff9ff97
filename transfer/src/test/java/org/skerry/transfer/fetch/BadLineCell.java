package org.skerry.transfer.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.HostMetrics;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.TestBlobs;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.TransferException.Reason;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.limit.DownloadBudget;
import org.skerry.transfer.limit.UploadQueue;
import org.skerry.transfer.serve.BlobServer;
import org.skerry.transfer.serve.UploadLimits;
import org.skerry.transfer.store.BlobStore;

/** One fetch over a {@link BadLine}, and what must hold of it. */
final class BadLineCell implements AutoCloseable {
  private static final Multiaddr LOOPBACK = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");

  /** Ten seconds without a byte must have been told; more is for a slow machine. */
  private static final long TOLD_MS = 10_000;

  private static final long SLACK_MS = 3_000;

  /**
   * What a transfer came to.
   *
   * @param cameOverSize bytes that came over the line, by the blob's size
   * @param quietestMs the longest time without a byte
   * @param failures fetches that ended without the blob
   */
  record Outcome(
      long tookMs, double cameOverSize, int connections, long quietestMs, int failures) {}

  private final BadLine line;
  private final TcpHost host;
  private final HostOverLine overLine;
  private final List<TcpHost> sources = new ArrayList<>();
  private final BlobFetcher fetcher;
  private final BlobStore origin;
  private final BlobStore store;
  private final byte[] blob;
  private final BlobId id;
  private long quietestMs;

  /**
   * @param folder an empty one
   * @param sources peers that have the blob
   */
  BadLineCell(
      Path folder,
      BadLine.Manners manners,
      int sources,
      int blobBytes,
      FetchLimits limits,
      long seed)
      throws IOException {
    this.line = new BadLine(manners, seed);
    this.host = host();
    this.overLine = new HostOverLine(host);
    this.origin = BlobStore.open(Files.createDirectories(folder.resolve("origin")));
    this.store = BlobStore.open(Files.createDirectories(folder.resolve("store")));
    this.fetcher =
        new BlobFetcher(overLine, store, new TransferLedger(), limits, DownloadBudget.unlimited());
    this.blob = TestBlobs.random(blobBytes, seed);
    this.id = origin.add(blob);
    for (int i = 0; i < sources; i++) {
      TcpHost source = host();
      new BlobServer(
              source, origin, new TransferLedger(), UploadLimits.DEFAULT, UploadQueue.unlimited())
          .start();
      overLine.reaches(source.peerId(), line.to(source.listenAddresses().getFirst()));
      this.sources.add(source);
    }
  }

  private static TcpHost host() throws IOException {
    return TcpHost.start(
        PrivateKey.generate(new SecureRandom()), HostConfig.listening("test", LOOPBACK));
  }

  /** Fetches until the blob is whole: each time to the end, or to one that says what to do. */
  Outcome run(Duration limit) throws IOException {
    long start = System.nanoTime();
    int failures = 0;
    while (fetch(limit).isPresent()) {
      failures++;
      assertThat(System.nanoTime() - start).as("still not whole").isLessThan(limit.toNanos());
    }
    assertThat(store.path(id)).hasBinaryContent(blob);
    long dials =
        sources.stream().mapToLong(s -> s.metrics().value(HostMetrics.CONNECTIONS_INBOUND)).sum();
    assertThat(dials).as("not past the line").isLessThanOrEqualTo(line.connections());
    long tookMs = (System.nanoTime() - start) / 1_000_000;
    double again = (double) line.downBytes() / blob.length;
    return new Outcome(tookMs, again, line.connections(), quietestMs, failures);
  }

  /** How a fetch ended, when not with the blob. */
  Optional<TransferException> fetch(Duration limit) throws IOException {
    List<PeerId> peers = sources.stream().map(TcpHost::peerId).toList();
    try {
      fetcher.fetch(id, ignored -> peers, this::observe, limit);
      return Optional.empty();
    } catch (TransferException e) {
      assertThat(e.reason()).isIn(Reason.STALLED, Reason.NO_SOURCES, Reason.TIMEOUT);
      assertThat(e).hasMessageMatching(".*(try|fetch it) again.*");
      return Optional.of(e);
    }
  }

  private void observe(Progress now) {
    if (now.status() == Progress.Status.DONE) {
      return;
    }
    long quietMs = line.quietMs();
    quietestMs = Math.max(quietestMs, quietMs);
    if (now.status() == Progress.Status.STALLED) {
      assertThat(now.message()).isNotBlank();
    } else {
      assertThat(quietMs).as("not told of: " + now).isLessThan(TOLD_MS + SLACK_MS);
    }
  }

  @Override
  public void close() throws IOException {
    host.close();
    sources.forEach(TcpHost::close);
    line.close();
    store.close();
    origin.close();
  }
}
