package org.skerry.trainer.worker.job;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.training.Objectives;
import org.skerry.trainer.training.ResidentMemory;
import org.skerry.trainer.training.TrainingControl.Wish;
import org.skerry.trainer.training.TrainingData;
import org.skerry.trainer.training.TrainingRecipe;
import org.skerry.trainer.training.TrainingRun;
import org.skerry.trainer.worker.JobContext;
import org.skerry.trainer.worker.JobHandler;
import tools.jackson.databind.JsonNode;

/** Measures how fast this machine trains a network, on built-in pictures. */
public final class MeasureJob implements JobHandler {
  public static final String KIND = "measure";

  private static final int WARM_UP_STEPS = 3;
  private static final int IMAGES = 64;

  @Override
  public MeasureResult run(JsonNode json, JobContext context) throws IOException {
    MeasureConfig config = context.config(json, MeasureConfig.class);
    Network network = Network.of(NetworkConfig.fromProperties(config.network()));
    Torch.threads(config.threads());
    ImageSet images = BuiltInPictures.generate(IMAGES, network.config().imageSize(), 1);
    TrainingRecipe recipe = TrainingRecipe.shortRun(Integer.MAX_VALUE, config.batchSize(), 1);
    try (TrainingData data = new TrainingData(images, new long[IMAGES]);
        NDManager manager = Torch.newManager();
        TrainingRun run =
            TrainingRun.fromWeights(
                network,
                Objectives.of(network.config()),
                data,
                recipe,
                Parameters.initialTensors(network, 1),
                0,
                manager)) {
      for (int i = 0; i < WARM_UP_STEPS; i++) {
        run.step();
      }
      long begin = System.nanoTime();
      double elapsed = 0;
      int steps = 0;
      while (elapsed < config.seconds() && context.control().wish() != Wish.STOPPING) {
        run.step();
        steps++;
        elapsed = (System.nanoTime() - begin) / 1e9;
      }
      double stepsPerSecond = steps / Math.max(elapsed, 1e-9);
      return new MeasureResult(
          stepsPerSecond * config.batchSize(), stepsPerSecond, ResidentMemory.bytes());
    }
  }
}
