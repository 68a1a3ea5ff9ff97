package org.skerry.trainer.worker.job;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ReadLimits;
import org.skerry.trainer.dataset.WebDataset;
import org.skerry.trainer.dino.DinoTransformer;
import org.skerry.trainer.training.TrainingControl.Wish;
import org.skerry.trainer.worker.JobContext;
import org.skerry.trainer.worker.JobHandler;
import tools.jackson.databind.JsonNode;

/** Describes images by the features of a DINOv2 model, for clustering. */
public final class FeaturesJob implements JobHandler {
  public static final String KIND = "features";

  /** Name of the event that tells how many images are done. */
  public static final String PROGRESS = "described";

  private static final int BATCH = 32;

  @Override
  public FeaturesResult run(JsonNode json, JobContext context) throws IOException {
    FeaturesConfig config = context.config(json, FeaturesConfig.class);
    List<Path> tars = List.of(Path.of(config.images()));
    ImageSet images = WebDataset.readShards(tars, config.imageSize(), ReadLimits.DEFAULT).images();
    Torch.threads(config.threads());
    try (DinoTransformer model = DinoTransformer.open(Path.of(config.weights()))) {
      float[] matrix = new float[Math.multiplyExact(images.count(), model.features())];
      for (int from = 0; from < images.count(); from += BATCH) {
        if (context.control().wish() == Wish.STOPPING) {
          throw new TrainerException(Reason.STOPPED, "the images are not all described");
        }
        int to = Math.min(images.count(), from + BATCH);
        float[][] rows = model.features(images, IntStream.range(from, to).toArray());
        for (int i = 0; i < rows.length; i++) {
          System.arraycopy(rows[i], 0, matrix, (from + i) * model.features(), model.features());
        }
        context.emit(PROGRESS, Map.of("done", to, "total", images.count()));
      }
      HostTensor tensor = HostTensor.of(matrix, images.count(), model.features());
      new Safetensors(Map.of("features", tensor), Map.of()).write(Path.of(config.output()));
      return new FeaturesResult(model.name(), images.count());
    }
  }
}
