package org.skerry.transfer.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.transfer.TestBlobs;
import org.skerry.transfer.fetch.ManyPeers.Memory;

/** 64 MiB of weights, which are encoded for each of them, to fifty peers at once. */
@Timeout(3600)
class ManyPeersSoak {
  private static final int BLOB_BYTES = 64 << 20;

  /**
   * Without it the old generation grows, up to a quarter of the machine, before it is collected.
   */
  private static final String MOST_HEAP = "-Xmx160m";

  @TempDir Path folder;

  @Test
  void servesFiftyPeersInLittleMemory() throws Exception {
    List<String> options = new ArrayList<>(ManyPeersIT.NODE_OPTIONS);
    options.add(MOST_HEAP);
    Memory memory =
        new ManyPeers(folder, TestBlobs.weights(BLOB_BYTES, 1), ManyPeersIT.PEERS)
            .serve(512 << 10, options);
    System.out.println(memory.text());
    assertThat(memory.servedAtOnce()).isEqualTo(ManyPeersIT.PEERS);
    assertThat(memory.resident()).isLessThan(ManyPeersIT.MOST_BYTES);
  }
}
