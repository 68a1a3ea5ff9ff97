package org.skerry.transfer.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.transfer.TestBlobs;
import org.skerry.transfer.fetch.ManyPeers.Memory;

/** Fifty peers at once, for seconds; {@link ManyPeersSoak} for minutes. */
@Timeout(300)
class ManyPeersIT {
  /** Those of the {@code skerry} command. */
  static final List<String> NODE_OPTIONS =
      List.of(
          "-Xms64m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=4",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  static final int PEERS = 50;
  static final long MOST_BYTES = 300L << 20;

  @TempDir Path folder;

  @Test
  void servesFiftyPeersInLittleMemory() throws Exception {
    Memory memory =
        new ManyPeers(folder, TestBlobs.chunks(8, 1), PEERS).serve(256 << 10, NODE_OPTIONS);
    System.out.println(memory.text());
    assertThat(memory.servedAtOnce()).isEqualTo(PEERS);
    assertThat(memory.resident()).isLessThan(MOST_BYTES);
  }
}
