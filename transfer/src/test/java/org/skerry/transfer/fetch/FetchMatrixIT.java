package org.skerry.transfer.fetch;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.skerry.libp2p.testing.SimulatedNetwork;

/** Every cell of the {@link FetchMatrix} over small blobs, in memory. */
@Timeout(300)
class FetchMatrixIT {
  private static final long SEED = 1;

  /** More chunks than a bitmap's byte has bits, and than a source may lack in a row. */
  private static final int MANY = 12;

  private static final List<Integer> SIZES =
      List.of(
          0,
          1,
          FetchMatrix.bytes(1, true),
          FetchMatrix.bytes(3, false),
          FetchMatrix.bytes(3, true),
          FetchMatrix.bytes(MANY, false),
          FetchMatrix.bytes(MANY, true));

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void completesFromOrBesideAnHonestSource(Fault fault) throws Exception {
    run(fault, true);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void endsTypedWithoutAnHonestSource(Fault fault) throws Exception {
    run(fault, false);
  }

  private void run(Fault fault, boolean honestToo) throws Exception {
    try (SimulatedNetwork network = new SimulatedNetwork(SEED);
        FetchMatrix matrix = new FetchMatrix(folder, network::host)) {
      matrix.run(SIZES, fault, honestToo, SEED);
    }
  }
}
