package org.skerry.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.skerry.libp2p.PeerId;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.fetch.Progress;
import org.skerry.transfer.limit.Rates;

/**
 * How many round trips pass on a long line from the wish for a blob of one chunk, to a connected
 * peer, until it is there, verified and durable.
 */
final class FirstChunk {
  private static final Duration ONE_WAY = Duration.ofMillis(250);
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private FirstChunk() {}

  /** The median of so many fetches. */
  static double roundTrips(Path parent, int rounds) throws IOException {
    Random random = new Random(1);
    Path folder = parent.resolve("first");
    List<Double> trips = new ArrayList<>();
    try (BlobPeer provider = BlobPeer.start(folder.resolve("provider"), Rates.UNLIMITED);
        BlobPeer fetching = BlobPeer.start(folder.resolve("fetching"), Rates.UNLIMITED);
        DelayedLine line = new DelayedLine(provider.host().listenAddresses().getFirst(), ONE_WAY)) {
      fetching.host().connect(line.address().withPeerId(provider.id()), LIMIT);
      List<PeerId> sources = List.of(provider.id());
      byte[] chunk = new byte[BlobHead.CHUNK_BYTES];
      for (int i = 0; i <= rounds; i++) { // The first warms up.
        random.nextBytes(chunk);
        BlobId blob = provider.store().add(chunk);
        long began = System.nanoTime();
        fetching.fetcher().fetch(blob, ignored -> sources, Progress.Listener.NONE, LIMIT);
        if (i > 0) {
          trips.add((double) (System.nanoTime() - began) / (2 * ONE_WAY.toNanos()));
        }
      }
    }
    return Median.of(trips);
  }
}
