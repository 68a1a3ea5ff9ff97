package org.skerry.trainer.worker.job;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.SeededRandom;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.SampleFormat;
import org.skerry.trainer.dataset.SampleSource;
import org.skerry.trainer.text.SampleTexts;
import org.skerry.trainer.text.TextTable;
import org.skerry.trainer.training.Objectives;
import org.skerry.trainer.training.ResidentMemory;
import org.skerry.trainer.training.TrainingControl.Wish;
import org.skerry.trainer.training.TrainingData;
import org.skerry.trainer.training.TrainingRecipe;
import org.skerry.trainer.training.TrainingRun;
import org.skerry.trainer.worker.JobContext;
import org.skerry.trainer.worker.JobHandler;
import tools.jackson.databind.JsonNode;

/** Measures how fast this machine trains a network, on built-in pictures or random latents. */
public final class MeasureJob implements JobHandler {
  public static final String KIND = "measure";

  private static final int WARM_UP_STEPS = 3;
  private static final int IMAGES = 64;

  @Override
  public MeasureResult run(JsonNode json, JobContext context) throws IOException {
    MeasureConfig config = context.config(json, MeasureConfig.class);
    Network network = Network.of(NetworkConfig.fromProperties(config.network()));
    Torch.threads(config.threads());
    TrainingRecipe recipe =
        TrainingRecipe.shortRun(Integer.MAX_VALUE, config.batchSize(), 1)
            .withOptimizer(config.optimizer())
            .withPrecision(config.precision());
    ImageSet images = samples(network.config());
    try (TrainingData data = data(images, network.config(), config.textTokens());
        NDManager manager = Torch.newManager(TorchDevice.parse(config.device()));
        TrainingRun run =
            TrainingRun.fromWeights(
                network,
                Objectives.of(network.config()),
                data,
                recipe,
                Parameters.initialTensors(network, 1),
                0,
                manager)) {
      run.recompute(config.recompute());
      long begin = System.nanoTime();
      for (int i = 0;
          i < WARM_UP_STEPS && (System.nanoTime() - begin) / 1e9 < config.seconds();
          i++) {
        run.step();
      }
      try (Arena arena = Arena.ofConfined()) {
        run.snapshot(arena); // as for a checkpoint
      }
      begin = System.nanoTime();
      double elapsed = 0;
      int steps = 0;
      while ((steps == 0 || elapsed < config.seconds())
          && context.control().wish() != Wish.STOPPING) {
        run.step();
        steps++;
        elapsed = (System.nanoTime() - begin) / 1e9;
      }
      double stepsPerSecond = steps / Math.max(elapsed, 1e-9);
      return new MeasureResult(
          stepsPerSecond * config.batchSize(), stepsPerSecond, ResidentMemory.peakBytes());
    }
  }

  private static TrainingData data(ImageSet images, NetworkConfig network, int textTokens)
      throws TrainerException {
    if (network.textWidth() == 0) {
      return new TrainingData(images, labels(network));
    }
    SampleTexts texts =
        new SampleTexts(TextTable.blank(textTokens, network.textWidth()), new int[IMAGES]);
    return TrainingData.ofTexts(
        SampleSource.of(images), texts, IMAGES, TrainingData.defaultThreads());
  }

  private static long @Nullable [] labels(NetworkConfig network) {
    return network.labels() > 0 || Objectives.isRouter(network) ? new long[IMAGES] : null;
  }

  private static ImageSet samples(NetworkConfig network) {
    if (network.channels() == ImageSet.CHANNELS) {
      return BuiltInPictures.generate(IMAGES, network.imageSize(), 1);
    }
    SampleFormat format = SampleFormat.latents(network.channels(), network.imageSize());
    ImageSet.Builder latents = new ImageSet.Builder(format);
    SeededRandom random = SeededRandom.of(1);
    for (int i = 0; i < IMAGES; i++) {
      float[] values = new float[format.values()];
      for (int j = 0; j < values.length; j++) {
        values[j] = (float) random.nextGaussian();
      }
      latents.add(ImageInfo.of("latent%d".formatted(i)), values);
    }
    return latents.build();
  }
}
