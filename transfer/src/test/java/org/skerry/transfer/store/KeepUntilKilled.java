package org.skerry.transfer.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.ProvenChunk;
import org.skerry.transfer.TestBlobs;

/** A process that keeps chunks on several threads, as streams do, and says so after each. */
final class KeepUntilKilled {
  static final int CHUNKS = 400;
  static final int STREAMS = 3;
  static final long SEED = 11;

  private KeepUntilKilled() {}

  public static void main(String[] args) throws Exception {
    byte[] blob = TestBlobs.chunks(CHUNKS, SEED);
    MerkleTree tree = MerkleTree.of(blob);
    BlobHead head = tree.head();
    BlobStore store = BlobStore.open(Path.of(args[0]));
    PartialBlob partial = store.openPartial(head);
    List<Thread> streams = new ArrayList<>();
    for (int stream = 0; stream < STREAMS; stream++) {
      int first = stream;
      streams.add(
          Thread.ofVirtual()
              .start(() -> {
                for (int i = first; i < CHUNKS; i += STREAMS) {
                  try {
                    ByteBuffer data =
                        ByteBuffer.wrap(blob, (int) head.offset(i), head.chunkSize(i));
                    partial.keep(new ProvenChunk(i, data, tree.proof(i)));
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                  System.out.println(i);
                }
              }));
    }
    for (Thread stream : streams) {
      stream.join();
    }
  }
}
