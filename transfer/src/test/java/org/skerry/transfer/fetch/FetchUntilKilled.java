package org.skerry.transfer.fetch;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.testing.SimulatedNetwork;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.serve.UploadLimits;

/**
 * A process that fetches from two seeds and says after each report how far it is. The seeds stop
 * before the end, so that it never gets there, and it is killed at work or while it waits.
 */
final class FetchUntilKilled {
  private static final int CHUNKS_SERVED = 150;

  private FetchUntilKilled() {}

  /** Takes the folder of the victim, the blob, and the folders of two seeds that have it. */
  public static void main(String[] args) throws Exception {
    try (SimulatedNetwork network = new SimulatedNetwork(1)) {
      Peer victim = new Peer(network.host(), Path.of(args[0]));
      AtomicInteger served = new AtomicInteger();
      Peer one = seed(network, args[2], served);
      Peer other = seed(network, args[3], served);
      network.introduceAll();
      List<PeerId> seeds = List.of(one.id(), other.id());
      victim.fetcher.fetch(
          BlobId.parse(args[1]),
          ignored -> seeds,
          progress -> System.out.println(progress.completed()),
          Duration.ofMinutes(2));
    }
  }

  private static Peer seed(SimulatedNetwork network, String folder, AtomicInteger served)
      throws IOException {
    CountDownLatch never = new CountDownLatch(1);
    return new Peer(
        network.host(),
        Path.of(folder),
        finder ->
            Gated.over(
                finder,
                index -> {
                  if (served.incrementAndGet() > CHUNKS_SERVED) {
                    never.await();
                  }
                }),
        UploadLimits.DEFAULT,
        FetchLimits.DEFAULT);
  }
}
