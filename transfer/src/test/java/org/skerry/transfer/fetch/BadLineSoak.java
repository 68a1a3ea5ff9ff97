package org.skerry.transfer.fetch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.skerry.transfer.fetch.BadLine.Manners;
import org.skerry.transfer.fetch.BadLine.Trouble;
import org.skerry.transfer.fetch.BadLineMatrix.Cell;

/** A megabyte over every combination of rate, loss, trouble and number of sources. */
@Timeout(7200)
class BadLineSoak {
  private static final long SEED = Long.getLong("skerry.seed", 1);
  private static final int BLOB_BYTES = 1_000_000;
  private static final int AT_ONCE = 18;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void bringsTheBlobOverEveryLine(Trouble trouble) throws Exception {
    int troubled = trouble == Trouble.RESET ? Integer.MAX_VALUE : 2;
    List<Cell> cells = new ArrayList<>();
    for (long bytesPerSecond : new long[] {32_000, 250_000}) {
      for (double loss : new double[] {0, 0.05, 0.25}) {
        Manners manners = new Manners(150, bytesPerSecond, loss, trouble, troubled);
        for (int sources : new int[] {1, 2, 8}) {
          cells.add(new Cell(manners, sources, BLOB_BYTES));
        }
      }
    }
    new BadLineMatrix(folder, AT_ONCE, SEED).run(cells);
  }
}
