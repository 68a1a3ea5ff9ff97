package org.skerry.transfer.fetch;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.transfer.TestBlobs;
import org.skerry.transfer.fetch.KilledTransfer.Moment;

/** A transfer of 500 MB, killed 200 times ({@code -Dskerry.kills}). */
@Timeout(7200)
class KilledTransferSoak {
  private static final long SEED = Long.getLong("skerry.seed", 1);
  private static final int KILLS = Integer.getInteger("skerry.kills", 200);
  private static final int CHUNKS = 1908; // of 500 MB

  @TempDir Path folder;

  @Test
  void holdsAndShowsOnlyWhatVerifiesHoweverOftenItIsKilled() throws Exception {
    byte[] blob = TestBlobs.chunks(CHUNKS, SEED);
    try (KilledTransfer transfer = new KilledTransfer(folder, blob, 12 << 20, SEED)) {
      int atEnds = KILLS / 10;
      for (int i = 0; i < atEnds; i++) {
        transfer.kill(Moment.AT_FIRST);
      }
      for (int i = 0; i < KILLS - 2 * atEnds; i++) {
        if (transfer.isWhole()) {
          transfer.startOver();
        }
        transfer.kill(Moment.MIDWAY);
      }
      for (int i = 0; i < atEnds; i++) {
        transfer.kill(Moment.AT_PUBLISH);
        transfer.unpublish();
      }
      transfer.finish();
      System.out.println("seed " + SEED + ": " + transfer);
    }
  }
}
