package org.skerry.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.fetch.BlobFetcher;
import org.skerry.transfer.fetch.FetchLimits;
import org.skerry.transfer.limit.DownloadBudget;
import org.skerry.transfer.limit.Quota;
import org.skerry.transfer.limit.Rates;
import org.skerry.transfer.limit.UploadQueue;
import org.skerry.transfer.serve.BlobServer;
import org.skerry.transfer.serve.UploadLimits;
import org.skerry.transfer.store.BlobStore;

/** A host on loopback with a store that it serves and fetches into. */
record BlobPeer(Host host, BlobStore store, BlobFetcher fetcher) implements AutoCloseable {
  static BlobPeer start(Path folder, Rates upload) throws IOException {
    Host host =
        TcpHost.start(
            PrivateKey.generate(new SecureRandom()),
            HostConfig.listening("bench", Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
    BlobStore store = BlobStore.open(Files.createDirectories(folder));
    TransferLedger ledger = new TransferLedger();
    UploadQueue queue = new UploadQueue(upload, Quota.none());
    new BlobServer(host, store, ledger, UploadLimits.DEFAULT, queue).start();
    BlobFetcher fetcher =
        new BlobFetcher(host, store, ledger, FetchLimits.DEFAULT, DownloadBudget.unlimited());
    return new BlobPeer(host, store, fetcher);
  }

  PeerId id() {
    return host.peerId();
  }

  @Override
  public void close() {
    host.close();
    try {
      store.close();
    } catch (IOException e) {
      throw new IllegalStateException("a store of the benchmark does not close", e);
    }
  }
}
