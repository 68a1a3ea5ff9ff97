package org.skerry.node.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.skerry.diffusion.torch.Torch;
import org.skerry.node.ensemble.LoadedEnsemble;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.generate.PictureJobConfig;
import org.skerry.router.Ensemble;
import org.skerry.router.ImageGrid;
import org.skerry.router.Images;
import org.skerry.router.PngFile;
import org.skerry.trainer.worker.JobContext;
import org.skerry.trainer.worker.JobHandler;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;
import tools.jackson.databind.JsonNode;

/** Makes pictures with a pulled ensemble and writes them as PNG files. */
public final class PictureJob implements JobHandler {
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
    PulledEnsemble pulled = PulledEnsemble.read(Path.of(config.ensemble()));
    Path blobs = Path.of(config.blobs());
    try (LoadedEnsemble ensemble = LoadedEnsemble.open(pulled, blob -> whole(blobs, blob))) {
      Ensemble mixed = ensemble.mixed(config.routing(), config.condition());
      Images images =
          ensemble.sample(
              mixed,
              config.sampler(),
              config.seed(),
              config.first(),
              config.count(),
              (done, total) ->
                  context.emit(PictureJobConfig.PROGRESS, Map.of("done", done, "total", total)));
      return new Result(write(config, ensemble, images));
    }
  }

  /** The disk may have changed since the blob was verified. */
  private static Path whole(Path blobs, BlobId blob) throws IOException {
    Path file = blobs.resolve(blob.toString());
    if (!Files.isRegularFile(file) || !MerkleTree.of(file).head().id().equals(blob)) {
      throw new IOException("weights " + file + " are missing or damaged");
    }
    return file;
  }

  private static List<String> write(PictureJobConfig config, LoadedEnsemble ensemble, Images images)
      throws IOException {
    List<String> files = new ArrayList<>();
    for (int i = 0; i < images.count(); i++) {
      int index = config.first() + i;
      Path file = Path.of(config.folder()).resolve(index + ".png");
      PngFile.write(
          file,
          ImageGrid.picture(images, i, config.scale()),
          ensemble
              .card(
                  config.routing().strategy(),
                  config.condition(),
                  config.sampler(),
                  config.seed(),
                  index)
              .text());
      files.add(file.toString());
    }
    return files;
  }
}
