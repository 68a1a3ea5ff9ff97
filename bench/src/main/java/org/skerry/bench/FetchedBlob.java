package org.skerry.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.PeerId;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.fetch.Progress;
import org.skerry.transfer.limit.Rates;

/**
 * A blob from the stores of some peers into the store of another, hashed on both sides, durable at
 * the end. All peers are in this process.
 */
final class FetchedBlob implements Transfer {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final Path folder;
  private final List<BlobPeer> providers = new ArrayList<>();
  private final BlobPeer fetching;
  private int prepared;
  private @Nullable BlobId blob;

  /**
   * @param rates of each provider
   */
  FetchedBlob(Path parent, int providers, Rates rates) throws IOException {
    folder = parent.resolve(variant(providers));
    fetching = BlobPeer.start(folder.resolve("fetching"), Rates.UNLIMITED);
    for (int i = 0; i < providers; i++) {
      BlobPeer provider = BlobPeer.start(folder.resolve("provider-" + i), rates);
      fetching.host().addAddresses(provider.id(), provider.host().listenAddresses());
      this.providers.add(provider);
    }
  }

  static String variant(int providers) {
    return "fetch-from-" + providers;
  }

  @Override
  public String variant() {
    return variant(providers.size());
  }

  @Override
  public void prepare(long bytes) throws IOException {
    Path file = folder.resolve("file");
    RandomFile.write(file, bytes, ++prepared);
    BlobId before = blob;
    for (BlobPeer provider : providers) {
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
    List<PeerId> sources = providers.stream().map(BlobPeer::id).toList();
    fetching.fetcher().fetch(wanted, ignored -> sources, Progress.Listener.NONE, LIMIT);
  }

  @Override
  public void close() {
    providers.forEach(BlobPeer::close);
    fetching.close();
  }
}
