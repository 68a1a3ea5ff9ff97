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
 * What the worker's {@code pictures} job is told. Paths are absolute; the rest is as in {@link
 * PictureRequest}.
 *
 * @param ensemble the note that {@code skerry pull} wrote
 * @param blobs folder of the blob store that holds the weights
 * @param start file of the picture to begin with; null to begin with noise alone
 * @param strength of the change to it; 1 without one
 * @param folder exists; where pictures and previews go
 * @param threads {@code memoryBytes} and {@code deviceMemoryBytes}, as in {@link Resources}
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
    @Nullable String start,
    double strength,
    int scale,
    int previewEvery,
    String prompt,
    String negativePrompt,
    boolean metadata,
    String folder,
    int threads,
    long memoryBytes,
    long deviceMemoryBytes) {
  public static final String KIND = "pictures";

  /** Event: the ensemble was not in memory, and is now. */
  public static final String LOADED = "loaded";

  /** Event: evaluations {@code done} of {@code total}. */
  public static final String PROGRESS = "sampled";

  /** Event: there is another {@link #preview}. */
  public static final String PREVIEW = "preview";

  static PictureJobConfig of(
      PictureRequest request,
      ModelShelf.Model model,
      Path blobs,
      @Nullable Path start,
      Path folder,
      Resources resources) {
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
        start == null ? null : start.toAbsolutePath().toString(),
        request.start() == null ? 1 : request.start().strength(),
        request.scale(),
        request.previewEvery(),
        request.prompt(),
        request.negativePrompt(),
        request.metadata(),
        folder.toAbsolutePath().toString(),
        resources.threads(),
        resources.memoryBytes(),
        resources.deviceMemoryBytes());
  }

  /** The newest preview among the files of a job. */
  public static Path preview(Path folder) {
    return folder.resolve("preview.png");
  }

  public Resources resources() {
    return new Resources(threads, memoryBytes, deviceMemoryBytes);
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
