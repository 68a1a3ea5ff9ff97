package org.skerry.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.skerry.diffusion.GrownHead;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.UNetClassifierConfig;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.evaluation.Evaluation;

/** A router that has learned two partitions, and then meets a third. */
class GrownRouterTest {
  private static final long DRAWS = 4;

  private final NDManager manager = Torch.newManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private static Network router(int partitions) {
    return Network.of(new UNetClassifierConfig(3, 8, 8, 2, 16, 4, partitions));
  }

  /** Evenly green, which the built-in pictures are not. */
  private static ImageSet green() {
    ImageSet.Builder images = new ImageSet.Builder(8);
    for (int i = 0; i < 32; i++) {
      byte[] planes = new byte[ImageSet.CHANNELS * 64];
      for (int pixel = 64; pixel < 128; pixel++) {
        planes[pixel] = (byte) (200 + i);
      }
      images.add(ImageInfo.of("green" + i), planes);
    }
    return images.build();
  }

  private static long[] labels(int images, int green) {
    return IntStream.range(0, images + green).mapToLong(i -> i < images ? i % 8 / 4 : 2).toArray();
  }

  private double accuracy(
      int partitions, Map<String, HostTensor> weights, ImageSet images, long[] labels) {
    Network network = router(partitions);
    try (Parameters p = Parameters.from(network, weights, manager)) {
      return Evaluation.routerAccuracy(network, p, images, labels, DRAWS).overall();
    }
  }

  private Map<String, HostTensor> trained(
      int partitions, Map<String, HostTensor> from, ImageSet images, long[] labels, int steps)
      throws IOException {
    Network network = router(partitions);
    try (TrainingRun run =
        TrainingRun.fromWeights(
            network,
            Objectives.of(network.config()),
            new TrainingData(images, labels),
            TrainingRecipe.shortRun(steps, 16, 1),
            from,
            0,
            manager)) {
      for (int step = 0; step < steps; step++) {
        run.step();
      }
      return run.average().snapshot();
    }
  }

  @Test
  void startsWhereTheOldOneWasAndLearnsTheNewPartition() throws IOException {
    ImageSet pictures = BuiltInPictures.generate(64, 8, 2);
    ImageSet green = green();
    ImageSet all = ImageSet.concat(List.of(pictures, green));
    long[] greenOnly = IntStream.range(0, green.count()).mapToLong(i -> 2).toArray();
    Map<String, HostTensor> old =
        trained(2, Parameters.initialTensors(router(2), 1), pictures, labels(64, 0), 80);
    double before = accuracy(2, old, pictures, labels(64, 0));
    assertThat(before).isGreaterThan(0.75);

    Map<String, HostTensor> grown = GrownHead.of(router(3), old, 1);
    assertThat(accuracy(3, grown, pictures, labels(64, 0))).isGreaterThan(before - 0.02);
    assertThat(accuracy(3, grown, green, greenOnly)).isLessThan(0.2);

    Map<String, HostTensor> after = trained(3, grown, all, labels(64, 32), 80);
    assertThat(accuracy(3, after, green, greenOnly)).isGreaterThan(0.75);
    assertThat(accuracy(3, after, pictures, labels(64, 0))).isGreaterThan(before - 0.05);
  }
}
