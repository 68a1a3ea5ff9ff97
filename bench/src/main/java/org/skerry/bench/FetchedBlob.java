package org.skerry.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.fetch.BlobFetcher;
import org.skerry.transfer.fetch.FetchLimits;
import org.skerry.transfer.fetch.Progress;
import org.skerry.transfer.limit.DownloadBudget;
import org.skerry.transfer.limit.UploadQueue;
import org.skerry.transfer.serve.BlobServer;
import org.skerry.transfer.serve.UploadLimits;
import org.skerry.transfer.store.BlobStore;

/**
 * A blob from the stores of some peers into the store of another, hashed on both sides, durable at
 * the end. All peers are in this process.
 */
final class FetchedBlob implements Transfer {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final Path folder;
  private final List<Peer> providers = new ArrayList<>();
  private final Peer fetching;
  private int prepared;
  private @Nullable BlobId blob;

  /** One peer: a host on loopback and a store that it serves. */
  private record Peer(Host host, BlobStore store, TransferLedger ledger) implements AutoCloseable {
    static Peer start(Path folder) throws IOException {
      Host host =
          TcpHost.start(
              PrivateKey.generate(new SecureRandom()),
              HostConfig.listening("bench", Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
      BlobStore store = BlobStore.open(Files.createDirectories(folder));
      TransferLedger ledger = new TransferLedger();
      new BlobServer(host, store, ledger, UploadLimits.DEFAULT, UploadQueue.unlimited()).start();
      return new Peer(host, store, ledger);
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

  FetchedBlob(Path parent, int providers) throws IOException {
    folder = parent.resolve("fetch-from-" + providers);
    fetching = Peer.start(folder.resolve("fetching"));
    for (int i = 0; i < providers; i++) {
      Peer provider = Peer.start(folder.resolve("provider-" + i));
      fetching.host().addAddresses(provider.id(), provider.host().listenAddresses());
      this.providers.add(provider);
    }
  }

  @Override
  public String variant() {
    return "fetch-from-" + providers.size();
  }

  @Override
  public void prepare(long bytes) throws IOException {
    Path file = folder.resolve("file");
    RandomFile.write(file, bytes, ++prepared);
    BlobId before = blob;
    for (Peer provider : providers) {
      if (before != null) {
        provider.store().delete(before);
      }
      blob = provider.store().add(file);
    }
    if (before != null) {
      fetching.store().delete(before);
    }
  }

  @Override
  public void move(long bytes) throws IOException {
    BlobId wanted = blob;
    if (wanted == null) {
      throw new IllegalStateException("prepare comes before move");
    }
    List<PeerId> sources = providers.stream().map(Peer::id).toList();
    new BlobFetcher(
            fetching.host(),
            fetching.store(),
            fetching.ledger(),
            FetchLimits.DEFAULT,
            DownloadBudget.unlimited())
        .fetch(wanted, ignored -> sources, Progress.Listener.NONE, LIMIT);
  }

  @Override
  public void close() {
    providers.forEach(Peer::close);
    fetching.close();
  }
}
