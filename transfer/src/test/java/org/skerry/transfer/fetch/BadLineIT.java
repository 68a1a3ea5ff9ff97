package org.skerry.transfer.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.TransferException.Reason;
import org.skerry.transfer.fetch.BadLine.Manners;
import org.skerry.transfer.fetch.BadLine.Trouble;
import org.skerry.transfer.fetch.BadLineMatrix.Cell;

/** A few of the lines of {@link BadLineSoak}, with small blobs. */
@Timeout(300)
class BadLineIT {
  private static final long SEED = 1;
  private static final int FOR_A_THIN_LINE = 400_000;
  private static final int BEYOND_THE_TROUBLE = 900_000;

  @TempDir Path folder;

  @Test
  void bringsTheBlobOverEveryLine() throws Exception {
    Manners thin = Manners.of(150, 64_000, 0);
    Manners lossy = Manners.of(150, 64_000, 0.25);
    Manners fair = Manners.of(50, 250_000, 0.01);
    List<Cell> cells = new ArrayList<>();
    for (int sources = 1; sources <= 2; sources++) {
      cells.add(new Cell(thin, sources, FOR_A_THIN_LINE));
      cells.add(new Cell(lossy, sources, FOR_A_THIN_LINE));
      cells.add(new Cell(fair.with(Trouble.RESET, 99), sources, BEYOND_THE_TROUBLE));
      cells.add(new Cell(fair.with(Trouble.FLAPPING, 0), sources, BEYOND_THE_TROUBLE));
    }
    // Alone, a connection that is silent is found dead after a minute: in the long form.
    cells.add(new Cell(fair.with(Trouble.SILENCE, 1), 2, BEYOND_THE_TROUBLE));
    cells.add(new Cell(fair.with(Trouble.HALF_OPEN, 1), 2, BEYOND_THE_TROUBLE));
    new BadLineMatrix(folder, cells.size(), SEED).run(cells);
  }

  @Test
  void saysWhatToDoWhenTheLineIsDead() throws IOException {
    Manners dead = Manners.of(50, 250_000, 0).with(Trouble.SILENCE, Integer.MAX_VALUE);
    FetchLimits limits = FetchLimits.DEFAULT.withGiveUpMs(12_000);
    try (BadLineCell cell = new BadLineCell(folder, dead, 1, BEYOND_THE_TROUBLE, limits, SEED)) {
      TransferException end = cell.fetch(Duration.ofMinutes(4)).orElseThrow();
      assertThat(end.reason()).isEqualTo(Reason.STALLED);
      assertThat(end).hasMessageContaining("try again when more peers are up");
    }
  }
}
