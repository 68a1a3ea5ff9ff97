package org.skerry.trainer.worker.job;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.skerry.diffusion.AutoencoderKl;
import org.skerry.diffusion.AutoencoderKlConfig;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ReadLimits;
import org.skerry.trainer.dataset.SampleFormat;
import org.skerry.trainer.dataset.ShardWriter;
import org.skerry.trainer.dataset.WebDataset;
import org.skerry.trainer.training.TrainingControl.Wish;
import org.skerry.trainer.worker.JobContext;
import org.skerry.trainer.worker.JobHandler;
import tools.jackson.databind.JsonNode;

/**
 * Turns pictures into the latents that a task trains on: the means of the codec's posteriors, so
 * that the same pictures give the same latents.
 */
public final class EncodeJob implements JobHandler {
  public static final String KIND = "encode";

  /** Name of the event that tells how many images are done. */
  public static final String PROGRESS = "encoded";

  /** Pixels that are encoded together: more is no faster, and an encoder's inside is wide. */
  private static final int PIXELS_AT_ONCE = 1 << 17;

  @Override
  public EncodeResult run(JsonNode json, JobContext context) throws IOException {
    EncodeConfig config = context.config(json, EncodeConfig.class);
    Path weights = Path.of(config.weights());
    List<Path> tars = List.of(Path.of(config.images()));
    ImageSet images = WebDataset.readShards(tars, config.imageSize(), ReadLimits.DEFAULT).images();
    AutoencoderKlConfig shape =
        AutoencoderKlConfig.of(Safetensors.map(weights).tensors(), config.groups(), config.scale());
    AutoencoderKl codec = new AutoencoderKl(shape);
    Torch.threads(config.threads());
    SampleFormat format =
        SampleFormat.latents(shape.latentChannels(), images.size() / shape.downsampling());
    ImageSet.Builder latents = new ImageSet.Builder(format);
    int batch = Math.clamp(PIXELS_AT_ONCE / (images.size() * images.size()), 1, 64);
    try (NDManager manager = Torch.newManager();
        Parameters parameters = Parameters.mapSafetensors(codec, manager, weights)) {
      for (int from = 0; from < images.count(); from += batch) {
        if (context.control().wish() == Wish.STOPPING) {
          throw new TrainerException(Reason.STOPPED, "the images are not all encoded");
        }
        int to = Math.min(images.count(), from + batch);
        float[] values = encode(codec, parameters, images, from, to);
        add(values, format.values(), images, from, latents);
        context.emit(PROGRESS, Map.of("done", to, "total", images.count()));
      }
    }
    ShardWriter.writeSingle(latents.build(), Path.of(config.output()));
    return new EncodeResult(format.channels(), format.size(), images.count());
  }

  private static float[] encode(
      AutoencoderKl codec, Parameters parameters, ImageSet images, int from, int to) {
    int size = images.size();
    try (NDManager scratch = parameters.manager().newSubManager()) {
      NDArray pictures =
          scratch.create(
              images.toFloats(IntStream.range(from, to).toArray()),
              new Shape(to - from, ImageSet.CHANNELS, size, size));
      return Torch.withoutGradients(() -> codec.latents(parameters, pictures).toFloatArray());
    }
  }

  private static void add(
      float[] values, int each, ImageSet images, int from, ImageSet.Builder latents)
      throws TrainerException {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new TrainerException(
            Reason.BAD_CONFIG,
            "the codec's latents are no finite numbers; name the weights of another codec");
      }
    }
    for (int at = 0; at < values.length; at += each) {
      latents.add(images.info(from + at / each), Arrays.copyOfRange(values, at, at + each));
    }
  }
}
