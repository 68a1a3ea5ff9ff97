package org.skerry.transfer.fetch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.PeerId;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.limit.DownloadBudget;
import org.skerry.transfer.limit.UploadQueue;
import org.skerry.transfer.serve.BlobServer;
import org.skerry.transfer.serve.UploadLimits;
import org.skerry.transfer.store.BlobStore;

/** One peer of a test: a host, a store, a server and a fetcher. */
final class Peer implements AutoCloseable {
  final Host host;
  final BlobStore store;
  final TransferLedger ledger = new TransferLedger();
  final BlobServer server;
  final BlobFetcher fetcher;
  final List<Progress> progress = Collections.synchronizedList(new ArrayList<>());

  Peer(Host host, Path folder) throws IOException {
    this(host, folder, UnaryOperator.identity(), UploadLimits.DEFAULT, FetchLimits.DEFAULT);
  }

  Peer(
      Host host,
      Path folder,
      UnaryOperator<ChunkSource.Finder> lie,
      UploadLimits uploads,
      FetchLimits fetches)
      throws IOException {
    this(host, folder, lie, uploads, fetches, UploadQueue.unlimited(), DownloadBudget.unlimited());
  }

  Peer(
      Host host,
      Path folder,
      UnaryOperator<ChunkSource.Finder> lie,
      UploadLimits uploads,
      FetchLimits fetches,
      UploadQueue queue,
      DownloadBudget budget)
      throws IOException {
    this.host = host;
    this.store = BlobStore.open(Files.createDirectories(folder));
    this.server = new BlobServer(host, lie.apply(store), ledger, uploads, queue);
    this.fetcher = new BlobFetcher(host, store, ledger, fetches, budget);
    server.start();
  }

  PeerId id() {
    return host.peerId();
  }

  Path fetch(BlobId blob, Peer... sources) throws IOException {
    List<PeerId> ids = java.util.Arrays.stream(sources).map(Peer::id).toList();
    return fetch(blob, ignored -> ids);
  }

  Path fetch(BlobId blob, Sources sources) throws IOException {
    return fetcher.fetch(blob, sources, progress::add, Duration.ofSeconds(60));
  }

  @Override
  public void close() throws IOException {
    server.close();
    store.close();
    host.close();
  }
}
