package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.skerry.board.BoardException;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.libp2p.PeerId;
import org.skerry.node.NodeException;
import org.skerry.node.task.ShardIndex;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.fetch.BlobFetcher;
import org.skerry.transfer.fetch.FetchLimits;
import org.skerry.transfer.fetch.Progress;
import org.skerry.transfer.serve.BlobServer;
import org.skerry.transfer.serve.UploadLimits;
import org.skerry.transfer.store.BlobStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The held-out shards that only evaluators see before a task's end. They lie in a blob store of
 * their own, which is announced to nobody. A task's publisher serves them, under {@link #PROTOCOL},
 * to the evaluators that the task names, whose identity the handshake proved; once the task is over
 * they become blobs like any other, so that everybody can repeat what the evaluators measured.
 */
final class Secrets implements AutoCloseable {
  /** The blob protocol's messages; see docs/PROTOCOL.md, section 6. */
  static final String PROTOCOL = "/skerry/held-out/1.0.0";

  private static final Logger LOG = LoggerFactory.getLogger(Secrets.class);
  private static final Duration FETCH_LIMIT = Duration.ofMinutes(10);

  /** Only the publisher has them: there is nobody else to wait for. */
  private static final FetchLimits ONE_SOURCE = FetchLimits.DEFAULT.withGiveUpMs(4_000);

  private final PeerStack stack;
  private final BlobStore store;
  private final BlobFetcher fetcher;
  private Optional<BlobServer> server = Optional.empty();

  private Secrets(PeerStack stack, BlobStore store) {
    this.stack = stack;
    this.store = store;
    this.fetcher =
        new BlobFetcher(
            stack.host(), PROTOCOL, store, stack.ledger(), ONE_SOURCE, stack.traffic().downloads());
  }

  static Secrets open(PeerStack stack, Path folder) throws IOException {
    return new Secrets(stack, BlobStore.open(folder));
  }

  /** Hands out, from now on, the secrets of {@code published} to the evaluators they name. */
  void serve(Supplier<List<Task>> published) {
    BlobServer serving =
        new BlobServer(
            stack.host(),
            PROTOCOL,
            (peer, blob) -> mayHave(published.get(), peer, blob),
            store,
            stack.ledger(),
            UploadLimits.DEFAULT,
            stack.traffic().uploads());
    serving.start();
    server = Optional.of(serving);
  }

  private boolean mayHave(List<Task> published, PeerId peer, BlobId blob) {
    return published.stream()
        .filter(task -> isEvaluator(task, peer))
        .anyMatch(task -> of(task).contains(blob));
  }

  /** A peer that a task names, or that succeeded one. */
  private boolean isEvaluator(Task task, PeerId peer) {
    return task.policy().evaluators().stream().anyMatch(named -> stack.keys().isOf(named, peer))
        && !stack.keys().isDisbelieved(peer);
  }

  /** Takes in a file of the publisher's own. */
  void add(Path file) throws IOException {
    store.pin(store.add(file));
  }

  /**
   * The secrets of {@code unit}, fetched from the task's publisher when they are not here; empty
   * when this node is not given them.
   */
  Optional<UnitData> of(Task task, Unit unit) throws IOException, NodeException {
    BlobId id = new BlobId(unit.secretHash());
    Optional<Path> index = bring(task, id, ShardIndex.MAX_BYTES);
    if (index.isEmpty()) {
      return Optional.empty();
    }
    UnitData.Gathered gathered = new UnitData.Gathered();
    for (ShardIndex.Shard shard : UnitData.decode(Files.readAllBytes(index.get()), id).shards()) {
      Optional<Path> tar = bring(task, shard.blob(), Long.MAX_VALUE);
      if (tar.isEmpty()) {
        return Optional.empty();
      }
      gathered.add(shard.partition(), tar.get());
      if (shard.texts().isPresent()) {
        Optional<Path> texts = bring(task, shard.texts().get().blob(), Long.MAX_VALUE);
        if (texts.isEmpty()) {
          return Optional.empty();
        }
        gathered.addTexts(texts.get());
      }
    }
    return Optional.of(gathered.data());
  }

  private Optional<Path> bring(Task task, BlobId blob, long maxBytes) throws IOException {
    if (store.has(blob)) {
      return Optional.of(store.path(blob));
    }
    if (stack.signer().isOwn(task.publisher())) {
      return Optional.empty();
    }
    Optional<PeerId> publisher = publisher(task);
    if (publisher.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          fetcher.fetch(
              blob,
              id -> stack.blobs().reach(publisher.get()),
              Progress.Listener.NONE,
              FETCH_LIMIT,
              maxBytes));
    } catch (IOException e) {
      LOG.info("held-out shard {} of {} is not to be had: {}", blob, task.name(), e.getMessage());
      return Optional.empty();
    }
  }

  /** Who has the held-out shards of {@code task} now. */
  private Optional<PeerId> publisher(Task task) {
    try {
      return Optional.of(stack.keys().current(task.publisher()));
    } catch (BoardException e) {
      LOG.info("nobody is asked for held-out shards of {}: {}", task.name(), e.getMessage());
      return Optional.empty();
    }
  }

  /** The secret blobs of {@code task} that are named by what is here. */
  private Set<BlobId> of(Task task) {
    Set<BlobId> blobs = new HashSet<>();
    for (Unit unit : task.units()) {
      BlobId index = new BlobId(unit.secretHash());
      blobs.add(index);
      try {
        if (store.has(index)) {
          UnitData.decode(Files.readAllBytes(store.path(index)), index).shards().stream()
              .map(ShardIndex.Shard::blobs)
              .forEach(blobs::addAll);
        }
      } catch (IOException | NodeException e) {
        LOG.warn("held-out index {} cannot be read: {}", index, e.getMessage());
      }
    }
    return blobs;
  }

  /** Whether everybody can have the secrets of {@code task} by now. */
  boolean isRevealed(Task task) {
    return task.units().stream()
        .allMatch(unit -> stack.blobs().store().has(new BlobId(unit.secretHash())));
  }

  /**
   * Makes the secrets of a task that is over public: the shards first, then the indexes that name
   * them.
   */
  void reveal(Task task) throws IOException {
    Set<BlobId> indexes = new HashSet<>();
    task.units().forEach(unit -> indexes.add(new BlobId(unit.secretHash())));
    Set<BlobId> shards = of(task);
    shards.removeAll(indexes);
    for (Set<BlobId> part : List.of(shards, indexes)) {
      for (BlobId blob : part) {
        stack.blobs().store().pin(blob);
        stack.blobs().add(store.path(blob));
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.ifPresent(BlobServer::close);
    store.close();
  }
}
