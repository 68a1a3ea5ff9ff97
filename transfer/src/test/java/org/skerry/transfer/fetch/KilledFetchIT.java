package org.skerry.transfer.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.libp2p.testing.SimulatedNetwork;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.TestBlobs;
import org.skerry.transfer.serve.UploadLimits;
import org.skerry.transfer.store.BlobStore;
import org.skerry.transfer.store.PartialBlob;

@Timeout(180)
class KilledFetchIT {
  private static final int CHUNKS = 200;
  private static final int KILL_AT = 40;

  @TempDir Path folder;

  @Test
  void fetchesNoVerifiedChunkAgainAfterItsProcessWasKilled() throws Exception {
    byte[] blob = TestBlobs.chunks(CHUNKS, 12);
    BlobHead head = MerkleTree.of(blob).head();
    for (String seed : new String[] {"one", "other"}) {
      try (BlobStore store = BlobStore.open(folder.resolve(seed))) {
        store.add(blob);
      }
    }
    long reported = fetchAndKill(head.id());
    BitSet kept;
    try (BlobStore store = BlobStore.open(folder.resolve("victim"));
        PartialBlob partial = store.openPartial(head)) {
      kept = partial.have().bits();
      assertThat(partial.damagedChunks()).isZero();
      assertThat(partial.completedBytes()).isGreaterThanOrEqualTo(reported);
      assertThat(kept.cardinality()).isBetween(KILL_AT, CHUNKS - 1);
    }
    BitSet served = new BitSet();
    try (SimulatedNetwork network = new SimulatedNetwork(2);
        Peer seed =
            new Peer(
                network.host(),
                folder.resolve("one"),
                finder ->
                    Gated.over(
                        finder,
                        index -> {
                          synchronized (served) {
                            served.set(index);
                          }
                        }),
                UploadLimits.DEFAULT,
                FetchLimits.DEFAULT);
        Peer victim = new Peer(network.host(), folder.resolve("victim"))) {
      network.introduceAll();
      assertThat(victim.fetch(head.id(), seed)).hasBinaryContent(blob);
      assertThat(victim.progress.getFirst().completed()).isGreaterThanOrEqualTo(reported);
    }
    assertThat(served.intersects(kept)).as("a verified chunk was fetched again").isFalse();
    assertThat(served.cardinality()).isEqualTo(CHUNKS - kept.cardinality());
  }

  /** Returns the bytes that the victim reported as verified before it died. */
  private long fetchAndKill(BlobId blob) throws IOException, InterruptedException {
    Process child =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx512m",
                // Standard output carries figures only.
                "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
                "-cp",
                System.getProperty("java.class.path"),
                FetchUntilKilled.class.getName(),
                folder.resolve("victim").toString(),
                blob.toString(),
                folder.resolve("one").toString(),
                folder.resolve("other").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long reported = 0;
    try (BufferedReader lines = child.inputReader()) {
      while (reported < (long) KILL_AT * BlobHead.CHUNK_BYTES) {
        reported = Long.parseLong(lines.readLine());
      }
      child.toHandle().destroyForcibly(); // SIGKILL
      child.waitFor();
      try (Stream<String> rest = lines.lines()) {
        rest.forEach(line -> assertThat(line).matches("\\d*"));
      }
    }
    assertThat(child.exitValue()).isEqualTo(137);
    return reported;
  }
}
