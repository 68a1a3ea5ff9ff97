package org.skerry.node.worker;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.skerry.diffusion.torch.Torch;
import org.skerry.node.ensemble.LoadedEnsemble;
import org.skerry.node.generate.PictureJobConfig;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.worker.JobContext;
import org.skerry.trainer.worker.JobHandler;
import tools.jackson.databind.JsonNode;

/**
 * Makes pictures with a pulled ensemble, which it keeps in memory, and writes them as PNG files.
 */
public final class PictureJob implements JobHandler {
  private final WarmEnsemble ensembles = new WarmEnsemble();

  /** The files, in the order of the pictures. */
  public record Result(List<String> files) {
    public Result {
      files = List.copyOf(files);
    }
  }

  @Override
  public Result run(JsonNode json, JobContext context) throws Exception {
    PictureJobConfig config = context.config(json, PictureJobConfig.class);
    Torch.threads(config.threads());
    LoadedEnsemble ensemble =
        ensembles.of(
            Path.of(config.ensemble()),
            Path.of(config.blobs()),
            config.resources(),
            networks -> context.emit(PictureJobConfig.LOADED, Map.of("networks", networks)));
    try {
      return new Result(new PictureRun(config, context, ensemble).pictures());
    } catch (CancellationException e) {
      throw new TrainerException(Reason.STOPPED, "the pictures are not wanted any more", e);
    }
  }
}
