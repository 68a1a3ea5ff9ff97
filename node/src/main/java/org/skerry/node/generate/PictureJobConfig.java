package org.skerry.node.generate;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.router.Condition;
import org.skerry.router.Routing;
import org.skerry.router.Sampler;
import org.skerry.router.Schedule;
import org.skerry.router.Solver;
import org.skerry.router.Strategy;

/**
 * What the worker's {@code pictures} job is told. Paths are absolute.
 *
 * @param ensemble the note that {@code skerry pull} wrote
 * @param blobs folder of the blob store that holds the weights
 * @param folder exists; where pictures and previews go
 */
public record PictureJobConfig(
    String ensemble,
    String blobs,
    String strategy,
    double temperature,
    @Nullable Integer label,
    double guidance,
    long seed,
    int first,
    int count,
    String solver,
    int steps,
    double shift,
    int scale,
    int previewEvery,
    String folder,
    int threads) {
  public static final String KIND = "pictures";

  /** Event: evaluations {@code done} of {@code total}. */
  public static final String PROGRESS = "sampled";

  /** Event: there is another {@link #preview}. */
  public static final String PREVIEW = "preview";

  static PictureJobConfig of(
      PictureRequest request, ModelShelf.Model model, Path blobs, Path folder, int threads) {
    return new PictureJobConfig(
        model.note().toAbsolutePath().toString(),
        blobs.toAbsolutePath().toString(),
        request.strategy(),
        request.temperature(),
        request.label(),
        request.guidance(),
        request.seed(),
        request.first(),
        request.count(),
        request.solver(),
        request.steps(),
        request.shift(),
        request.scale(),
        request.previewEvery(),
        folder.toAbsolutePath().toString(),
        threads);
  }

  /** The newest preview among the files of a job. */
  static Path preview(Path folder) {
    return folder.resolve("preview.png");
  }

  public Routing routing() {
    return new Routing(Strategy.parse(strategy), temperature);
  }

  public Sampler sampler() {
    return new Sampler(Solver.parse(solver), new Schedule(steps, shift), Sampler.USUAL_BATCH);
  }

  public Optional<Condition> condition() {
    return label == null ? Optional.empty() : Optional.of(new Condition(label, guidance));
  }
}
