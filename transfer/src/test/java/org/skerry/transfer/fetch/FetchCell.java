package org.skerry.transfer.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.PeerId;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.TransferException.Reason;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.TransferLedger.Refusal;
import org.skerry.transfer.limit.DownloadBudget;
import org.skerry.transfer.store.BlobStore;
import org.skerry.transfer.store.PartialBlob;

/** The run of one cell of the {@link FetchMatrix}: its fetch, and what must hold afterwards. */
final class FetchCell implements AutoCloseable {
  /** A bad source alone: the fetch ends soon, and is tried again until it has met the fault. */
  private static final FetchLimits HASTY = new FetchLimits(8, 512, 100, 600, 100, 400);

  /** For a source that brings a chunk a second, and so would end no fetch. */
  private static final Duration HASTY_TIMEOUT = Duration.ofMillis(1_500);

  /** Beside an honest source: who brings nothing is replaced soon, and the fetch never gives up. */
  private static final FetchLimits PATIENT = new FetchLimits(8, 512, 200, 500, 100, 300_000);

  private static final Duration LIMIT = Duration.ofSeconds(300);

  /** Makes the hosts of a cell. */
  @FunctionalInterface
  interface Hosts {
    Host start() throws IOException;
  }

  /**
   * Which combination it is.
   *
   * @param bytes size of the blob
   * @param seed of the blob's content
   */
  record Cell(int bytes, long seed, Before before, Fault fault, boolean honestToo) {}

  private final Cell cell;
  private final byte[] blob;
  private final MerkleTree tree;
  private final BlobId id;
  private final Path storeFolder;
  private final BlobStore origin;
  private final Hosts hosts;
  private final BitSet before;
  private final int missing;
  private final BlobStore store;
  private final Host host;
  private final TransferLedger ledger = new TransferLedger();
  private final List<FaultySource> sources = new ArrayList<>();
  private final List<Progress> progress = new ArrayList<>();

  /**
   * @param blob what the cell fetches
   * @param storeFolder an empty folder, into which it is fetched
   * @param origin has the blob; the sources serve from it
   */
  FetchCell(Cell cell, byte[] blob, Path storeFolder, BlobStore origin, Hosts hosts)
      throws IOException {
    this.cell = cell;
    this.blob = blob;
    this.tree = MerkleTree.of(blob);
    this.id = tree.head().id();
    this.storeFolder = storeFolder;
    this.origin = origin;
    this.hosts = hosts;
    this.before = cell.before().lay(storeFolder, blob, tree);
    this.missing = tree.head().chunks() - before.cardinality();
    this.store = BlobStore.open(storeFolder);
    this.host = hosts.start();
  }

  void run() throws IOException {
    try {
      if (missing == 0) {
        FaultySource source = source(cell.fault(), () -> true);
        assertThat(fetch(fetcher(PATIENT), LIMIT, source)).isEmpty();
        assertThat(source.served().cardinality()).isZero();
      } else if (cell.fault() == Fault.NONE) {
        completeFromHonest(before);
      } else if (cell.honestToo()) {
        completeBesideHonest();
      } else {
        endWithoutHonest();
      }
      checkWhole();
    } catch (IOException | RuntimeException | AssertionError e) {
      throw new AssertionError(cell + ": " + e.getMessage(), e);
    }
  }

  private void completeFromHonest(BitSet kept) throws IOException {
    FaultySource honest = source(Fault.NONE, () -> true);
    assertThat(fetch(fetcher(PATIENT), LIMIT, honest)).isEmpty();
    BitSet rest = (BitSet) kept.clone();
    rest.flip(0, tree.head().chunks());
    assertThat(honest.served()).isEqualTo(rest);
  }

  private void completeBesideHonest() throws IOException {
    FaultySource bad = source(cell.fault(), () -> true);
    // It waits, or it might have sent everything before the other one has done its worst.
    FaultySource honest = source(Fault.NONE, bad::met);
    assertThat(fetch(fetcher(PATIENT), LIMIT, bad, honest)).isEmpty();
    assertThat(bad.served().intersects(before)).isFalse();
    assertThat(honest.served().intersects(before)).isFalse();
    checkRefusals(bad);
  }

  private void endWithoutHonest() throws IOException {
    FaultySource bad = source(cell.fault(), () -> true);
    boolean trickles = cell.fault() == Fault.DISCONNECTS;
    BlobFetcher fetcher = fetcher(HASTY);
    Optional<TransferException> end;
    int fetches = 0;
    do {
      assertThat(++fetches).as("fetches until the source is judged").isLessThanOrEqualTo(20);
      end = fetch(fetcher, trickles ? HASTY_TIMEOUT : LIMIT, bad);
      if (end.isPresent()) {
        // On a slow machine it may end before the source has answered, or before that is judged.
        assertThat(end.get().reason())
            .isIn(Reason.STALLED, Reason.NO_SOURCES, trickles ? Reason.TIMEOUT : Reason.STALLED);
        checkNothingToSee();
      }
    } while (end.isPresent() && !(bad.met() && isJudged()));
    if (end.isEmpty()) {
      assertThat(trickles).isTrue();
      return;
    }
    checkRefusals(bad);
    if (cell.fault().lies()) {
      BitSet served = bad.served();
      assertThat(fetch(fetcher, LIMIT, bad).orElseThrow().reason()).isEqualTo(Reason.NO_SOURCES);
      assertThat(bad.served()).isEqualTo(served);
      checkRefusals(bad);
    }
    completeFromHonest(checkKept(bad));
  }

  private boolean isJudged() {
    return !cell.fault().lies() || !ledger.refusals().isEmpty();
  }

  /** What an ended fetch left: all that it verified, and nothing that a bad source made up. */
  private BitSet checkKept(FaultySource bad) throws IOException {
    BitSet kept;
    try (PartialBlob partial = store.openPartial(tree.head())) {
      kept = partial.have().bits();
      long came = partial.completedBytes() - size(before);
      await().atMost(LIMIT).until(() -> ledger.bytesDown() >= came);
      assertThat(partial.completedBytes()).isGreaterThanOrEqualTo(mostReported());
    }
    BitSet known = bad.served();
    assertThat(known.intersects(before)).isFalse();
    known.or(before);
    assertThat(covers(kept, before)).isTrue();
    assertThat(covers(known, kept)).isTrue();
    return kept;
  }

  private long size(BitSet chunks) {
    return chunks.stream().mapToLong(tree.head()::chunkSize).sum();
  }

  private long mostReported() {
    return progress.stream().mapToLong(Progress::completed).max().orElse(0);
  }

  private static boolean covers(BitSet all, BitSet some) {
    BitSet rest = (BitSet) some.clone();
    rest.andNot(all);
    return rest.isEmpty();
  }

  private void checkRefusals(FaultySource bad) {
    List<Refusal> refusals = ledger.refusals();
    if (!cell.fault().lies()) {
      assertThat(refusals).isEmpty();
      return;
    }
    assertThat(refusals).hasSize(1);
    assertThat(refusals.getFirst().peer()).isEqualTo(bad.id());
    assertThat(refusals.getFirst().count()).isEqualTo(1);
    assertThat(refusals.getFirst().reason()).isIn(cell.fault().rejections);
  }

  private void checkNothingToSee() throws IOException {
    assertThat(store.has(id)).isFalse();
    try (var files = Files.list(storeFolder)) {
      assertThat(files.filter(Files::isRegularFile)).containsOnly(storeFolder.resolve("lock"));
    }
  }

  private void checkWhole() throws IOException {
    assertThat(store.path(id)).hasBinaryContent(blob);
    assertThat(store.partials()).isEmpty();
    assertThat(progress.getLast().status()).isEqualTo(Progress.Status.DONE);
    try (ChunkSource whole = store.find(id).orElseThrow()) {
      for (int i = 0; i < tree.head().chunks(); i++) {
        assertThat(whole.chunk(i)).isPresent();
      }
    }
    assertThat(store.damagedReads()).isZero();
  }

  private FaultySource source(Fault fault, BooleanSupplier opens) throws IOException {
    Host other = hosts.start();
    host.addAddresses(other.peerId(), other.listenAddresses());
    int goodChunks = missing > 1 ? 1 : 0;
    FaultySource source = new FaultySource(other, origin, fault, goodChunks, ledger, opens);
    sources.add(source);
    return source;
  }

  private BlobFetcher fetcher(FetchLimits limits) {
    return new BlobFetcher(host, store, ledger, limits, DownloadBudget.unlimited());
  }

  /** How a fetch from these ended, when not with the blob. */
  private Optional<TransferException> fetch(
      BlobFetcher fetcher, Duration timeout, FaultySource... from) throws IOException {
    List<PeerId> peers = List.of(from).stream().map(FaultySource::id).toList();
    progress.clear();
    try {
      fetcher.fetch(id, blob -> peers, this::observe, timeout);
      return Optional.empty();
    } catch (TransferException e) {
      return Optional.of(e);
    }
  }

  private void observe(Progress now) {
    boolean done = now.status() == Progress.Status.DONE;
    assertThat(store.has(id)).as("visible while it is %s", now.status()).isEqualTo(done);
    assertThat(now.completed()).isGreaterThanOrEqualTo(mostReported());
    progress.add(now);
  }

  @Override
  public void close() throws IOException {
    sources.forEach(FaultySource::close);
    host.close();
    store.delete(id);
    store.close();
  }
}
