package org.skerry.transfer.fetch;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.skerry.libp2p.Host;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.SourceId;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.limit.DownloadBudget;
import org.skerry.transfer.store.BlobStore;
import org.skerry.transfer.web.WebReader;
import org.skerry.transfer.wire.BlobWire;

/** Fetches blobs into a store, from many sources at once. Thread-safe. */
public final class BlobFetcher {
  private static final int BLOBS_WITH_BANS = 1024;

  private final Host host;
  private final String protocol;
  private final Optional<WebReader> web;
  private final BlobStore store;
  private final TransferLedger ledger;
  private final FetchLimits limits;
  private final DownloadBudget budget;
  // Guarded by itself; the oldest are forgotten.
  private final Map<BlobId, Set<SourceId>> banned =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<BlobId, Set<SourceId>> eldest) {
          return size() > BLOBS_WITH_BANS;
        }
      };

  /** Fetches under {@link BlobWire#PROTOCOL}, from peers only. */
  public BlobFetcher(
      Host host,
      BlobStore store,
      TransferLedger ledger,
      FetchLimits limits,
      DownloadBudget budget) {
    this(host, BlobWire.PROTOCOL, store, ledger, limits, budget);
  }

  /**
   * Fetches from peers only.
   *
   * @param protocol under which the servers speak the blob protocol's messages
   * @param budget of all fetches of this node
   */
  public BlobFetcher(
      Host host,
      String protocol,
      BlobStore store,
      TransferLedger ledger,
      FetchLimits limits,
      DownloadBudget budget) {
    this(host, protocol, Optional.empty(), store, ledger, limits, budget);
  }

  /** Fetches under {@link BlobWire#PROTOCOL}, and from web seeds through {@code web}. */
  public BlobFetcher(
      Host host,
      WebReader web,
      BlobStore store,
      TransferLedger ledger,
      FetchLimits limits,
      DownloadBudget budget) {
    this(host, BlobWire.PROTOCOL, Optional.of(web), store, ledger, limits, budget);
  }

  private BlobFetcher(
      Host host,
      String protocol,
      Optional<WebReader> web,
      BlobStore store,
      TransferLedger ledger,
      FetchLimits limits,
      DownloadBudget budget) {
    this.host = host;
    this.protocol = protocol;
    this.web = web;
    this.store = store;
    this.ledger = ledger;
    this.limits = limits;
    this.budget = budget;
  }

  /**
   * Fetches {@code blob} unless it is here, going on where an earlier run stopped. Blocks; every
   * chunk is verified before it is kept, and the blob appears in the store when it is whole.
   *
   * @return the blob's file
   * @throws TransferException NO_SOURCES, STALLED, TIMEOUT, CANCELLED (the thread was interrupted),
   *     LOCKED (it is being fetched already), QUOTA_SPENT or DISK_FULL; what came until then is
   *     kept for the next call
   */
  public Path fetch(BlobId blob, Sources sources, Progress.Listener listener, Duration timeout)
      throws IOException {
    return fetch(blob, sources, listener, timeout, Long.MAX_VALUE);
  }

  /**
   * As above, and brings nothing of a blob with more than {@code maxBytes}.
   *
   * @throws TransferException TOO_LARGE, too
   */
  public Path fetch(
      BlobId blob, Sources sources, Progress.Listener listener, Duration timeout, long maxBytes)
      throws IOException {
    if (blob.equals(BlobHead.EMPTY.id()) && !store.has(blob)) {
      store.add(new byte[0]);
    }
    if (store.has(blob)) {
      long size = store.size(blob);
      Fetch.requireSize(blob, size, maxBytes);
      listener.on(
          new Progress(Progress.Status.DONE, blob, size, size, 0, OptionalLong.of(0), 0, ""));
      return store.path(blob);
    }
    new Fetch(
            host,
            protocol,
            web,
            store,
            ledger,
            limits,
            budget,
            banned(blob),
            liar -> ban(blob, liar),
            blob,
            maxBytes,
            sources,
            listener)
        .run(timeout);
    return store.path(blob);
  }

  private Set<SourceId> banned(BlobId blob) {
    synchronized (banned) {
      return Set.copyOf(banned.getOrDefault(blob, Set.of()));
    }
  }

  private void ban(BlobId blob, SourceId liar) {
    synchronized (banned) {
      banned.computeIfAbsent(blob, id -> new HashSet<>()).add(liar);
    }
  }
}
