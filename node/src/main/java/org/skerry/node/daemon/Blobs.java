package org.skerry.node.daemon;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.skerry.dht.Dht;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.PeerId;
import org.skerry.node.event.Event;
import org.skerry.node.event.EventSink;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.WebSeed;
import org.skerry.transfer.fetch.BlobFetcher;
import org.skerry.transfer.fetch.Progress;
import org.skerry.transfer.fetch.Sources;
import org.skerry.transfer.store.BlobStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's blobs: fetched from whoever the DHT names, announced once there is something of them
 * to give, and mended when the disk has spoilt them. Thread-safe.
 */
public final class Blobs implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Blobs.class);
  private static final int PROVIDERS = 8;

  /** Of a blob that is still being fetched, so much is worth asking this node for. */
  private static final long WORTH_ANNOUNCING_BYTES = 4L << 20;

  private static final Duration FIND_LIMIT = Duration.ofSeconds(10);
  private static final Duration FETCH_LIMIT = Duration.ofHours(12);
  private static final Duration MEND_PAUSE = Duration.ofMinutes(10);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(3);
  private static final Duration SMALL_LIMIT = Duration.ofSeconds(20);

  private final Host host;
  private final Dht dht;
  private final BlobStore store;
  private final BlobFetcher fetcher;
  private final TransferLedger ledger;
  private final boolean announce;
  private final EventSink events;
  private final ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();
  private final Object lock = new Object();

  @GuardedBy("itself")
  private final Map<BlobId, Integer> held = new HashMap<>();

  private final Map<BlobId, Progress> running = new ConcurrentHashMap<>();
  private final Set<BlobId> mending = ConcurrentHashMap.newKeySet();

  @GuardedBy("lock")
  private Map<String, Long> reportedBytes = Map.of();

  Blobs(
      Host host,
      Dht dht,
      BlobStore store,
      BlobFetcher fetcher,
      TransferLedger ledger,
      boolean announce,
      EventSink events) {
    this.host = host;
    this.dht = dht;
    this.store = store;
    this.fetcher = fetcher;
    this.ledger = ledger;
    this.announce = announce;
    this.events = events;
    store.onDamage(this::mend);
  }

  public BlobStore store() {
    return store;
  }

  /** Blobs that must stay for as long as this is open. Thread-safe. */
  final class Hold implements AutoCloseable {
    private final List<BlobId> blobs = new ArrayList<>();

    private Hold() {}

    /** From now on, {@code blob} must stay once it is here. */
    void add(BlobId blob) {
      synchronized (held) {
        blobs.add(blob);
        held.merge(blob, 1, Integer::sum);
      }
    }

    @Override
    public void close() {
      synchronized (held) {
        blobs.forEach(blob -> held.computeIfPresent(blob, (b, n) -> n == 1 ? null : n - 1));
        blobs.clear();
      }
    }
  }

  Hold hold() {
    return new Hold();
  }

  boolean isHeld(BlobId blob) {
    synchronized (held) {
      return held.containsKey(blob);
    }
  }

  /**
   * Brings a blob here, and serves it from then on.
   *
   * @param likely peers that probably have it, asked beside those that the DHT names
   */
  public Path fetch(BlobId blob, Collection<PeerId> likely, Progress.Listener listener)
      throws IOException {
    return fetch(blob, likely, listener, FETCH_LIMIT, Long.MAX_VALUE);
  }

  /** As above, and from web seeds, too. */
  Path fetch(BlobId blob, Collection<PeerId> likely, List<WebSeed> web, Progress.Listener listener)
      throws IOException {
    return fetch(blob, likely, web, listener, FETCH_LIMIT, Long.MAX_VALUE);
  }

  /** As above, gives up after {@code limit}, and takes no more than {@code maxBytes}. */
  Path fetch(
      BlobId blob,
      Collection<PeerId> likely,
      Progress.Listener listener,
      Duration limit,
      long maxBytes)
      throws IOException {
    return fetch(blob, likely, List.of(), listener, limit, maxBytes);
  }

  private Path fetch(
      BlobId blob,
      Collection<PeerId> likely,
      List<WebSeed> web,
      Progress.Listener listener,
      Duration limit,
      long maxBytes)
      throws IOException {
    boolean here = store.has(blob);
    long start = System.nanoTime();
    Sources peers = id -> find(id, likely);
    Path file;
    try (Running told = new Running(blob, listener)) {
      file = fetcher.fetch(blob, peers.with(web), told, limit, maxBytes);
    }
    if (here) {
      store.use(blob);
      return file;
    }
    events.record(
        new Event.BlobFetched(
            blob.toString(), Files.size(file), (System.nanoTime() - start) / 1e9, newBytes()));
    announce(blob);
    return file;
  }

  /** The fetches under way, in no order. */
  public List<Progress> transfers() {
    return List.copyOf(running.values());
  }

  /** Serves what has come of a blob while the rest comes. */
  private final class Running implements Progress.Listener, AutoCloseable {
    private final BlobId blob;
    private final Progress.Listener listener;
    private boolean announced;

    Running(BlobId blob, Progress.Listener listener) {
      this.blob = blob;
      this.listener = listener;
    }

    @Override
    public void on(Progress progress) {
      if (progress.status() != Progress.Status.DONE) {
        running.put(blob, progress);
        if (!announced && progress.completed() >= WORTH_ANNOUNCING_BYTES) {
          announced = true;
          announce(blob);
        }
      }
      listener.on(progress);
    }

    @Override
    public void close() {
      running.remove(blob);
      if (announced && !store.has(blob)) {
        withdraw(blob);
      }
    }
  }

  /** In the background: finds what of a stored blob the disk has spoilt, and fetches that again. */
  private void mend(BlobId blob) {
    if (mending.add(blob)) {
      inBackground(() -> {
        try {
          if (store.has(blob) && !store.verify(blob).whole()) {
            log.warn("blob {} is damaged on this disk and is fetched again; check the disk", blob);
            fetchDamaged(blob);
            log.info("blob {} is whole again", blob);
          }
        } catch (IOException e) {
          log.warn("blob {} cannot be mended: {}", blob, e.getMessage());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt(); // The node stops.
        } finally {
          mending.remove(blob);
        }
      });
    }
  }

  private void fetchDamaged(BlobId blob) throws IOException, InterruptedException {
    while (find(blob, List.of()).stream().allMatch(host.peerId()::equals)) {
      Thread.sleep(MEND_PAUSE); // Its good chunks are served meanwhile: nobody else may have them.
    }
    store.demote(blob);
    while (!store.has(blob)) {
      try {
        fetch(blob, List.of(), Progress.Listener.NONE);
      } catch (TransferException e) {
        log.warn("blob {} stays damaged for now: {}", blob, e.getMessage());
        Thread.sleep(MEND_PAUSE);
      }
    }
  }

  /** As {@link #fetch}, and mends a blob that was damaged on this disk since it came. */
  public Path fetchWhole(BlobId blob, Collection<PeerId> likely, Progress.Listener listener)
      throws IOException {
    return fetchWhole(blob, likely, List.of(), listener);
  }

  /** As above, and from web seeds, too. */
  public Path fetchWhole(
      BlobId blob, Collection<PeerId> likely, List<WebSeed> web, Progress.Listener listener)
      throws IOException {
    if (store.has(blob) && !store.verify(blob).whole()) {
      store.demote(blob);
    }
    return fetch(blob, likely, web, listener);
  }

  /** As {@link #fetch}, for what can be done without: soon, and no more than so many bytes. */
  public Path fetchSmall(BlobId blob, long maxBytes) throws IOException {
    return fetch(blob, List.of(), Progress.Listener.NONE, SMALL_LIMIT, maxBytes);
  }

  /** Adds a file of this node, and announces it. */
  public BlobId add(Path file) throws IOException {
    BlobId blob = store.add(file);
    announce(blob);
    return blob;
  }

  /** Tells the DHT, in the background, that this node has {@code blob}. */
  public void announce(BlobId blob) {
    if (announce) {
      inBackground(() -> dht.provide(blob.cid().hash()));
    }
  }

  private void withdraw(BlobId blob) {
    if (announce) {
      inBackground(() -> dht.stopProviding(blob.cid().hash()));
    }
  }

  private void inBackground(Runnable task) {
    try {
      background.execute(task);
    } catch (RejectedExecutionException e) {
      // Closing: there is nobody left to serve.
    }
  }

  /** Deletes a blob that is not pinned, and tells the DHT no more that it is here. */
  void drop(BlobId blob) throws IOException {
    if (store.delete(blob)) {
      dht.stopProviding(blob.cid().hash());
    }
  }

  /** The bytes of a small blob. */
  public byte[] read(BlobId blob, int maxBytes, Collection<PeerId> likely) throws IOException {
    return Files.readAllBytes(fetch(blob, likely, Progress.Listener.NONE, FETCH_LIMIT, maxBytes));
  }

  private List<PeerId> find(BlobId blob, Collection<PeerId> likely) {
    Set<PeerId> found = new LinkedHashSet<>();
    for (PeerAddresses provider : dht.findProviders(blob.cid().hash(), PROVIDERS, FIND_LIMIT)) {
      host.addAddresses(provider.peer(), provider.addresses());
      found.add(provider.peer());
    }
    for (PeerId peer : likely) {
      if (!peer.equals(host.peerId()) && !host.addresses(peer).isEmpty()) {
        found.add(peer);
      }
    }
    return List.copyOf(found);
  }

  /** {@code peer} alone, once its addresses are known here; nobody when the DHT has none. */
  List<PeerId> reach(PeerId peer) {
    if (host.addresses(peer).isEmpty()) {
      dht.findPeer(peer).ifPresent(found -> host.addAddresses(peer, found.addresses()));
    }
    return host.addresses(peer).isEmpty() ? List.of() : List.of(peer);
  }

  /** What each peer and web seed gave since this was last asked. */
  private Map<String, Long> newBytes() {
    Map<String, Long> now = new HashMap<>();
    ledger.traffic().forEach(t -> now.put(t.peer().toString(), t.bytesDown()));
    ledger.webTraffic().forEach(t -> now.put(t.seed().toString(), t.bytesDown()));
    Map<String, Long> news = new HashMap<>();
    synchronized (lock) {
      now.forEach((source, bytes) -> {
        long more = bytes - reportedBytes.getOrDefault(source, 0L);
        if (more > 0) {
          news.put(source, more);
        }
      });
      reportedBytes = now; // Who is forgotten by the ledger is forgotten here.
    }
    return news;
  }

  /** Ends what runs in the background, since it needs the DHT and the store, which close next. */
  @Override
  public void close() {
    background.shutdownNow();
    try {
      if (!background.awaitTermination(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        log.debug("some of the work on blobs does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
