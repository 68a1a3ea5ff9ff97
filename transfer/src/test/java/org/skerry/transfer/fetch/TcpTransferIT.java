package org.skerry.transfer.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.TestBlobs;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.TransferException.Reason;
import org.skerry.transfer.TransferLedger.Refusal;
import org.skerry.transfer.TransferLedger.Rejection;
import org.skerry.transfer.TransferLedger.Traffic;
import org.skerry.transfer.fetch.LyingSource.Lie;
import org.skerry.transfer.limit.DownloadBudget;
import org.skerry.transfer.limit.MemoryBooks;
import org.skerry.transfer.limit.Quota;
import org.skerry.transfer.limit.Rates;
import org.skerry.transfer.limit.UploadQueue;
import org.skerry.transfer.serve.UploadLimits;
import org.skerry.transfer.store.PartialBlob;

/** Transfers over real sockets. */
@Timeout(120)
class TcpTransferIT {
  private static final FetchLimits HASTY = new FetchLimits(8, 512, 500, 2_000, 300, 5_000);

  @TempDir Path folder;
  private final List<Peer> peers = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (Peer peer : peers) {
      peer.close();
    }
  }

  @Test
  void completesFromThreeProvidersOfWhichOneLiesAndOneDiesMidway() throws Exception {
    byte[] blob = TestBlobs.chunks(120, 1);
    AtomicInteger served = new AtomicInteger();
    CountDownLatch dying = new CountDownLatch(1);
    CountDownLatch dead = new CountDownLatch(1);
    Peer liar = peer("liar", finder -> LyingSource.over(finder, Lie.CHUNK));
    Peer mortal =
        peer(
            "mortal",
            finder ->
                Gated.over(
                    finder,
                    index -> {
                      if (served.incrementAndGet() >= 10) {
                        dying.countDown();
                        dead.await();
                      }
                    }));
    // It waits, or it might have sent everything before the other one dies.
    Peer survivor = peer("survivor", finder -> Gated.over(finder, index -> dead.await()));
    Peer fetching = peer("fetching");
    BlobId id = liar.store.add(blob);
    mortal.store.add(blob);
    survivor.store.add(blob);
    Thread killer =
        Thread.ofVirtual()
            .start(() -> {
              try {
                dying.await();
                await().until(() -> fetching.ledger.refused() > 0);
                mortal.host.close();
                dead.countDown();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    assertThat(fetching.fetch(id, liar, mortal, survivor)).hasBinaryContent(blob);
    killer.join();
    assertThat(fetching.ledger.refusals())
        .containsExactly(new Refusal(liar.id(), Rejection.BAD_CHUNK, 1));
    assertThat(fetching.ledger.traffic())
        .extracting(Traffic::peer)
        .containsExactlyInAnyOrder(mortal.id(), survivor.id());
    assertThat(fetching.progress).extracting(Progress::completed).isSorted();
  }

  @Test
  void goesNoFasterThanEitherEndWants() throws IOException {
    long rate = 8L << 20;
    byte[] blob = TestBlobs.chunks(32, 9); // a second
    Rates slow = new Rates(rate, Rates.ANY);
    Peer seed = peer("slow-seed", new UploadQueue(slow, Quota.none()), DownloadBudget.unlimited());
    BlobId id = seed.store.add(blob);
    Peer eager = peer("eager");
    assertThat(millis(() -> eager.fetch(id, seed))).isGreaterThan(700);
    Peer modest =
        peer(
            "modest",
            UploadQueue.unlimited(),
            new DownloadBudget(slow, Quota.none(), System.nanoTime() / 1_000_000));
    assertThat(millis(() -> modest.fetch(id, eager))).isGreaterThan(700);
    assertThat(modest.store.path(id)).hasBinaryContent(blob);
  }

  @Test
  void endsWithTheQuotaAndKeepsWhatCame() throws IOException {
    byte[] blob = TestBlobs.chunks(32, 10);
    Peer seed = peer("seed-for-quota");
    BlobId id = seed.store.add(blob);
    Quota.Books books = new MemoryBooks();
    Quota quota =
        new Quota(
            new Quota.Limits(20L * BlobHead.CHUNK_BYTES, Rates.ANY),
            InstantSource.system(),
            ZoneOffset.UTC,
            books);
    Peer small =
        peer("short", UploadQueue.unlimited(), new DownloadBudget(Rates.UNLIMITED, quota, 0));
    TransferException failure =
        catchThrowableOfType(TransferException.class, () -> small.fetch(id, seed));
    assertThat(failure.reason()).isEqualTo(Reason.QUOTA_SPENT);
    assertThat(failure).hasMessageContaining("what came is kept");
    assertThat(small.ledger.bytesDown()).isEqualTo(20L * BlobHead.CHUNK_BYTES);
    assertThat(small.store.partials()).containsExactly(id);
  }

  private interface Fetching {
    Path run() throws IOException;
  }

  private static long millis(Fetching fetching) throws IOException {
    long start = System.nanoTime();
    fetching.run();
    return (System.nanoTime() - start) / 1_000_000;
  }

  @Test
  void fetchesOnlyWhatIsMissingAfterARestart() throws IOException {
    byte[] blob = TestBlobs.chunks(64, 2);
    Peer half = peer("half");
    PartialBlob partial = half.store.openPartial(MerkleTree.of(blob).head());
    BitSet before = new BitSet();
    for (int i = 0; i < 64; i += 3) {
      partial.keep(TestBlobs.chunk(blob, i));
      before.set(i);
    }
    BlobId id = partial.head().id();
    Peer first = peer("restarted", UnaryOperator.identity(), HASTY);
    TransferException failure =
        catchThrowableOfType(TransferException.class, () -> first.fetch(id, half));
    assertThat(failure.reason()).isEqualTo(Reason.STALLED);
    peers.remove(first);
    first.close();

    BitSet served = new BitSet();
    Peer whole =
        peer(
            "whole",
            finder ->
                Gated.over(
                    finder,
                    index -> {
                      synchronized (served) {
                        served.set(index);
                      }
                    }));
    whole.store.add(blob);
    Peer second = peer("restarted");
    assertThat(second.fetch(id, whole)).hasBinaryContent(blob);
    before.flip(0, 64);
    assertThat(served).isEqualTo(before);
  }

  @Test
  void servesOnWhatItHasWhileItFetchesTheRest() throws Exception {
    byte[] blob = TestBlobs.chunks(32, 3);
    AtomicInteger served = new AtomicInteger();
    CountDownLatch reachedTheLast = new CountDownLatch(1);
    Peer seed =
        peer(
            "seed",
            finder ->
                Gated.over(
                    finder,
                    index -> {
                      if (served.incrementAndGet() > 8) {
                        reachedTheLast.await();
                      }
                    }));
    Peer middle = peer("middle");
    Peer last = peer("last");
    BlobId id = seed.store.add(blob);
    Thread fetching =
        Thread.ofVirtual()
            .start(() -> {
              try {
                middle.fetch(id, seed);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    List<PeerId> source = List.of(middle.id());
    assertThat(
            last.fetcher.fetch(
                id,
                ignored -> source,
                progress -> {
                  if (progress.completed() >= 4L * BlobHead.CHUNK_BYTES) {
                    reachedTheLast.countDown();
                  }
                },
                Duration.ofSeconds(60)))
        .hasBinaryContent(blob);
    fetching.join();
    assertThat(middle.store.path(id)).hasBinaryContent(blob);
  }

  @Test
  void carries64MiBAndKeepsNoMoreInMemoryThanTheWindows() throws IOException {
    byte[] blob = TestBlobs.chunks(256, 4);
    CountDownLatch bothServe = new CountDownLatch(2);
    Peer a = peer("a", Gated.untilAllServe(bothServe));
    Peer b = peer("b", Gated.untilAllServe(bothServe));
    Peer fetching = peer("fetching");
    BlobId id = a.store.add(blob);
    b.store.add(blob);
    TcpHost host = (TcpHost) fetching.host;
    AtomicInteger mostBuffered = new AtomicInteger();
    List<PeerId> sources = List.of(a.id(), b.id());
    Path file =
        fetching.fetcher.fetch(
            id,
            ignored -> sources,
            progress -> mostBuffered.accumulateAndGet((int) host.bufferedBytes(), Math::max),
            Duration.ofSeconds(100));
    assertThat(file).hasBinaryContent(blob);
    assertThat(mostBuffered.get()).isLessThan(40 << 20);
    assertThat(fetching.ledger.refusals()).isEmpty();
    assertThat(fetching.ledger.traffic()).hasSize(2);
  }

  @Test
  void bringsWeightsInFewerBytesThanTheyAre() throws IOException {
    byte[] blob = TestBlobs.weights(4 * BlobHead.CHUNK_BYTES, 5);
    Peer source = peer("source");
    Peer fetching = peer("fetching");
    BlobId id = source.store.add(blob);
    assertThat(fetching.fetch(id, source)).hasBinaryContent(blob);
    assertThat(fetching.ledger.bytesDown()).isLessThan(blob.length * 7L / 10);
  }

  private Peer peer(String name) throws IOException {
    return peer(name, UnaryOperator.identity());
  }

  private Peer peer(String name, UploadQueue queue, DownloadBudget budget) throws IOException {
    return peer(name, UnaryOperator.identity(), FetchLimits.DEFAULT, queue, budget);
  }

  private Peer peer(String name, UnaryOperator<ChunkSource.Finder> sources) throws IOException {
    return peer(name, sources, FetchLimits.DEFAULT);
  }

  private Peer peer(String name, UnaryOperator<ChunkSource.Finder> sources, FetchLimits limits)
      throws IOException {
    return peer(name, sources, limits, UploadQueue.unlimited(), DownloadBudget.unlimited());
  }

  /** A peer that knows, and is known to, all the others. */
  private Peer peer(
      String name,
      UnaryOperator<ChunkSource.Finder> sources,
      FetchLimits limits,
      UploadQueue queue,
      DownloadBudget budget)
      throws IOException {
    byte[] seed = new byte[32];
    new SecureRandom().nextBytes(seed);
    TcpHost host =
        TcpHost.start(
            PrivateKey.ofSeed(seed),
            HostConfig.listening("test", Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
    Peer peer =
        new Peer(host, folder.resolve(name), sources, UploadLimits.DEFAULT, limits, queue, budget);
    for (Peer other : peers) {
      other.host.addAddresses(host.peerId(), host.listenAddresses());
      host.addAddresses(other.id(), other.host.listenAddresses());
    }
    peers.add(peer);
    return peer;
  }
}
