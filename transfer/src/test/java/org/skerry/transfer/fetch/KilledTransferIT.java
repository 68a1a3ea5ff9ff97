package org.skerry.transfer.fetch;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.transfer.TestBlobs;
import org.skerry.transfer.fetch.KilledTransfer.Moment;

/** A few kills of what {@link KilledTransferSoak} kills often. */
@Timeout(300)
class KilledTransferIT {
  private static final long SEED = 1;

  @TempDir Path folder;

  @Test
  void holdsAndShowsOnlyWhatVerifiesHoweverOftenItIsKilled() throws Exception {
    byte[] blob = TestBlobs.chunks(120, SEED);
    try (KilledTransfer transfer = new KilledTransfer(folder, blob, 16 << 20, SEED)) {
      transfer.kill(Moment.AT_FIRST);
      for (int i = 0; i < 3; i++) {
        transfer.kill(Moment.MIDWAY);
      }
      transfer.kill(Moment.AT_PUBLISH);
      transfer.finish();
      System.out.println("seed " + SEED + ": " + transfer);
    }
  }
}
