package org.skerry.transfer.fetch;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.testing.SimulatedNetwork;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.ProvenChunk;
import org.skerry.transfer.serve.UploadLimits;

/** A process that fetches from two slow seeds and says after each report how far it is. */
final class FetchUntilKilled {
  private FetchUntilKilled() {}

  /** Takes the folder of the victim, the blob, and the folders of two seeds that have it. */
  public static void main(String[] args) throws Exception {
    try (SimulatedNetwork network = new SimulatedNetwork(1)) {
      Peer victim = new Peer(network.host(), Path.of(args[0]));
      Peer one = seed(network, args[2]);
      Peer other = seed(network, args[3]);
      network.introduceAll();
      List<PeerId> seeds = List.of(one.id(), other.id());
      victim.fetcher.fetch(
          BlobId.parse(args[1]),
          ignored -> seeds,
          progress -> System.out.println(progress.completed()),
          Duration.ofMinutes(2));
    }
  }

  private static Peer seed(SimulatedNetwork network, String folder) throws IOException {
    return new Peer(
        network.host(),
        Path.of(folder),
        finder -> blob -> finder.find(blob).map(Slow::new),
        UploadLimits.DEFAULT,
        FetchLimits.DEFAULT);
  }

  private record Slow(ChunkSource source) implements ChunkSource {
    @Override
    public BlobHead head() {
      return source.head();
    }

    @Override
    public ChunkSet have() {
      return source.have();
    }

    @Override
    public Optional<ProvenChunk> chunk(int index) throws IOException {
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      return source.chunk(index);
    }

    @Override
    public void close() {
      source.close();
    }
  }
}
