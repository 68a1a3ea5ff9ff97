package org.skerry.transfer.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.ProvenChunk;
import org.skerry.transfer.TestBlobs;

@Timeout(120)
class KilledStoreIT {
  @TempDir Path folder;

  @ParameterizedTest(name = "killed after {0} chunks")
  @ValueSource(ints = {1, 37, 150})
  void losesNoVerifiedChunkWhenItsProcessIsKilled(int chunks) throws Exception {
    BitSet said = new BitSet();
    Process child =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx512m",
                // Standard output carries figures only.
                "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
                "-cp",
                System.getProperty("java.class.path"),
                KeepUntilKilled.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader lines = child.inputReader()) {
      for (int i = 0; i < chunks; i++) {
        said.set(Integer.parseInt(lines.readLine()));
      }
      child.toHandle().destroyForcibly(); // SIGKILL; the Process's own method closes the pipe too.
      child.waitFor();
      try (Stream<String> rest = lines.lines()) {
        // The last line may be cut; of a line that is whole the chunk must be there.
        rest.filter(line -> line.matches("\\d{3}")).forEach(n -> said.set(Integer.parseInt(n)));
      }
    }
    assertThat(child.exitValue()).isEqualTo(137);
    byte[] blob = TestBlobs.chunks(KeepUntilKilled.CHUNKS, KeepUntilKilled.SEED);
    BlobHead head = MerkleTree.of(blob).head();
    try (BlobStore store = BlobStore.open(folder);
        PartialBlob resumed = store.openPartial(head)) {
      BitSet lost = (BitSet) said.clone();
      lost.andNot(resumed.have().bits());
      assertThat(lost.cardinality()).as("verified chunks to be fetched again").isZero();
      assertThat(resumed.damagedChunks()).isZero();
      assertThat(resumed.have().count()).isLessThan(KeepUntilKilled.CHUNKS);
      finish(resumed, blob);
      assertThat(store.verify(head.id()).whole()).isTrue();
    }
  }

  private static void finish(PartialBlob partial, byte[] blob) throws IOException {
    MerkleTree tree = MerkleTree.of(blob);
    for (int i = 0; i < KeepUntilKilled.CHUNKS; i++) {
      if (!partial.have().has(i)) {
        BlobHead head = tree.head();
        ByteBuffer data = ByteBuffer.wrap(blob, (int) head.offset(i), head.chunkSize(i));
        partial.keep(new ProvenChunk(i, data, tree.proof(i)));
      }
    }
    partial.publish();
  }
}
