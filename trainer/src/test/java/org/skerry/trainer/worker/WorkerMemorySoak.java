package org.skerry.trainer.worker;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.skerry.diffusion.DitConfig;
import org.skerry.diffusion.UNetConfig;
import org.skerry.diffusion.optimizer.Optimizer;
import org.skerry.diffusion.torch.Precision;

/** {@link WorkerMemoryIT} with networks that take longer. */
class WorkerMemorySoak extends WorkerMemoryIT {
  static Stream<Arguments> networks() {
    return Stream.of(
        Arguments.of(new UNetConfig(3, 32, 48, 3, 192, 8, 0), Optimizer.Rule.ADAMW, 64),
        Arguments.of(new UNetConfig(3, 16, 64, 4, 256, 8, 0), Optimizer.Rule.MUON, 8),
        Arguments.of(new DitConfig(3, 16, 4, 768, 2, 12, 3072, 0, true), Optimizer.Rule.ADAMW, 8),
        Arguments.of(new DitConfig(3, 16, 4, 768, 2, 12, 3072, 0, true), Optimizer.Rule.MUON, 8));
  }

  @Override
  List<Precision> precisions() {
    return List.of(Precision.FLOAT32, Precision.BFLOAT16);
  }
}
