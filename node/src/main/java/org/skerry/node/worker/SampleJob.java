package org.skerry.node.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.torch.Torch;
import org.skerry.node.ensemble.LoadedEnsemble;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.router.Condition;
import org.skerry.router.Ensemble;
import org.skerry.router.ImageGrid;
import org.skerry.router.Images;
import org.skerry.router.PngFile;
import org.skerry.router.Routing;
import org.skerry.router.RoutingHistogram;
import org.skerry.router.Sampler;
import org.skerry.router.Schedule;
import org.skerry.router.Solver;
import org.skerry.router.Strategy;
import org.skerry.trainer.worker.JobContext;
import org.skerry.trainer.worker.JobHandler;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;
import tools.jackson.databind.JsonNode;

/** Makes images with a pulled ensemble and writes them as PNG files. */
public final class SampleJob implements JobHandler {
  public static final String KIND = "sample";

  /**
   * What to sample. Paths are absolute.
   *
   * @param ensemble the note that {@code skerry pull} wrote
   * @param blobs folder of the blob store that holds the weights
   * @param strategy as {@link Strategy#parse} reads it
   * @param label number of the class to make; null for none
   * @param guidance 1 for none
   * @param first index of the first image within the seed
   * @param solver as {@link Solver#parse} reads it
   * @param steps and {@code shift}, of the {@link Schedule}
   * @param folder where {@code seed-index.png} files go
   * @param scale each pixel becomes a square of this side
   */
  public record Config(
      String ensemble,
      String blobs,
      String strategy,
      @Nullable Integer label,
      double guidance,
      long seed,
      int first,
      int count,
      String solver,
      int steps,
      double shift,
      String folder,
      int scale,
      int threads) {
    public Config {
      if (count < 1 || count > 100_000 || scale < 1 || threads < 1) {
        throw new IllegalArgumentException("cannot make " + count + " images at scale " + scale);
      }
      sampler(solver, steps, shift);
      condition(label, guidance);
    }

    Sampler sampler() {
      return sampler(solver, steps, shift);
    }

    private static Sampler sampler(String solver, int steps, double shift) {
      return new Sampler(Solver.parse(solver), new Schedule(steps, shift), Sampler.USUAL_BATCH);
    }

    Optional<Condition> condition() {
      return condition(label, guidance);
    }

    private static Optional<Condition> condition(@Nullable Integer label, double guidance) {
      return label == null ? Optional.empty() : Optional.of(new Condition(label, guidance));
    }
  }

  /** The files, and how many images each expert led at the last step. */
  public record Result(List<String> files, Map<String, Long> routed) {}

  @Override
  public Result run(JsonNode json, JobContext context) throws Exception {
    Config config = context.config(json, Config.class);
    Torch.threads(config.threads());
    PulledEnsemble pulled = PulledEnsemble.read(Path.of(config.ensemble()));
    Path blobs = Path.of(config.blobs());
    try (LoadedEnsemble ensemble = LoadedEnsemble.open(pulled, blob -> whole(blobs, blob))) {
      Strategy strategy = Strategy.parse(config.strategy());
      Ensemble mixed = ensemble.mixed(new Routing(strategy, 1), config.condition());
      Images images =
          ensemble.sample(
              mixed,
              config.sampler(),
              config.seed(),
              config.first(),
              config.count(),
              (done, total) -> context.emit("sampled", Map.of("done", done, "total", total)));
      return new Result(write(config, strategy, ensemble, images), routed(mixed));
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

  private static List<String> write(
      Config config, Strategy strategy, LoadedEnsemble ensemble, Images images) throws Exception {
    Path folder = Files.createDirectories(Path.of(config.folder()));
    List<String> files = new ArrayList<>();
    for (int i = 0; i < images.count(); i++) {
      int index = config.first() + i;
      Path file = folder.resolve("%d-%04d.png".formatted(config.seed(), index));
      PngFile.write(
          file,
          ImageGrid.picture(images, i, config.scale()),
          ensemble
              .card(strategy, config.condition(), config.sampler(), config.seed(), index)
              .text());
      files.add(file.toString());
    }
    return files;
  }

  /** Where the images ended up: the leaders at the level nearest to data. */
  private static Map<String, Long> routed(Ensemble ensemble) {
    Map<String, Long> out = new LinkedHashMap<>();
    List<RoutingHistogram.Level> levels = ensemble.histogram().levels();
    if (!levels.isEmpty()) {
      List<Long> leading = levels.getLast().leading();
      for (int k = 0; k < leading.size(); k++) {
        out.put("expert-" + k, leading.get(k));
      }
    }
    return out;
  }
}
