package org.skerry.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.skerry.libp2p.PeerId;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.fetch.Progress;
import org.skerry.transfer.limit.Rates;

/** Many blobs of 16 KiB from one peer to another, some at once, each durable. */
final class SmallBlobs implements Transfer {
  static final long BLOB_BYTES = 16 << 10;
  private static final int AT_ONCE = 8;
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final BlobPeer provider;
  private final BlobPeer fetching;
  private final List<BlobId> blobs = new ArrayList<>();
  private final Random random = new Random(1);

  SmallBlobs(Path parent) throws IOException {
    Path folder = parent.resolve("small");
    provider = BlobPeer.start(folder.resolve("provider"), Rates.UNLIMITED);
    fetching = BlobPeer.start(folder.resolve("fetching"), Rates.UNLIMITED);
    fetching.host().addAddresses(provider.id(), provider.host().listenAddresses());
  }

  @Override
  public String variant() {
    return "small-blobs";
  }

  @Override
  public void prepare(long bytes) throws IOException {
    for (BlobId old : blobs) {
      provider.store().delete(old);
      fetching.store().delete(old);
    }
    blobs.clear();
    byte[] blob = new byte[(int) BLOB_BYTES];
    for (long made = 0; made < bytes; made += BLOB_BYTES) {
      random.nextBytes(blob);
      blobs.add(provider.store().add(blob));
    }
  }

  @Override
  public void move(long bytes) throws Exception {
    List<PeerId> sources = List.of(provider.id());
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<?>> all = new ArrayList<>();
      for (BlobId blob : blobs) {
        all.add(
            threads.submit(() ->
                fetching.fetcher().fetch(blob, ignored -> sources, Progress.Listener.NONE, LIMIT)));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  @Override
  public void close() {
    provider.close();
    fetching.close();
  }
}
