package org.skerry.node.worker;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.VelocityField;
import org.skerry.node.NodeException;
import org.skerry.node.ensemble.LoadedEnsemble;
import org.skerry.node.ensemble.Wording;
import org.skerry.node.generate.PictureJobConfig;
import org.skerry.router.Ensemble;
import org.skerry.router.ImageGrid;
import org.skerry.router.ImageRouting;
import org.skerry.router.Images;
import org.skerry.router.InfoText;
import org.skerry.router.PngFile;
import org.skerry.router.RoutingTrace;
import org.skerry.router.SampleCard;
import org.skerry.router.Sampler;
import org.skerry.router.Solver;
import org.skerry.trainer.training.TrainingControl.Wish;
import org.skerry.trainer.worker.JobContext;

/** One request for pictures, batch by batch. */
final class PictureRun {
  private final PictureJobConfig config;
  private final JobContext context;
  private final LoadedEnsemble ensemble;
  private final Sampler sampler;
  private final Optional<StartPicture> start;
  private final List<String> files = new ArrayList<>();

  PictureRun(PictureJobConfig config, JobContext context, LoadedEnsemble ensemble)
      throws IOException {
    this.config = config;
    this.context = context;
    this.ensemble = ensemble;
    this.sampler = config.sampler();
    this.start =
        config.start() == null
            ? Optional.empty()
            : Optional.of(StartPicture.read(Path.of(config.start()), ensemble.pulled()));
  }

  /**
   * Makes all of them, and says where they are.
   *
   * @throws CancellationException when nobody wants them any more
   */
  List<String> pictures() throws IOException, NodeException {
    if (!ensemble.pulled().needsText()) {
      batches(() -> ensemble.mixed(config.routing(), config.condition()));
      return files;
    }
    try (Wording wording =
        ensemble.worded(config.prompt(), config.negativePrompt(), config.guidance())) {
      batches(() -> ensemble.mixed(config.routing(), wording));
    }
    return files;
  }

  /** Makes the field of a batch: each has its own count of what the router said. */
  @FunctionalInterface
  private interface Mixing {
    Ensemble fresh() throws NodeException;
  }

  private void batches(Mixing mixing) throws IOException, NodeException {
    for (int done = 0; done < config.count(); done += sampler.batch()) {
      batch(mixing.fresh(), done, Math.min(sampler.batch(), config.count() - done));
    }
  }

  private void batch(Ensemble mixed, int done, int count) throws IOException {
    RoutingTrace trace = mixed.traced();
    VelocityField field = done == 0 && config.previewEvery() > 0 ? previewing(mixed) : mixed;
    int first = config.first() + done;
    int batches = Math.ceilDiv(config.count(), sampler.batch());
    Sampler.Progress progress =
        (evaluations, total) -> {
          context.emit(
              PictureJobConfig.PROGRESS,
              Map.of(
                  "done", done / sampler.batch() * total + evaluations, "total", batches * total));
          requireWanted();
        };
    requireWanted();
    Images made =
        start.isPresent()
            ? ensemble.vary(
                field,
                sampler,
                start.get().copies(count),
                config.strength(),
                config.seed(),
                first,
                progress)
            : ensemble.sample(field, sampler, config.seed(), first, count, progress);
    for (int i = 0; i < count; i++) {
      write(made, i, first + i, trace.image(i));
    }
  }

  private void requireWanted() {
    if (context.control().wish() == Wish.STOPPING) {
      throw new CancellationException();
    }
  }

  private void write(Images made, int row, int index, ImageRouting routed) throws IOException {
    Path file = Path.of(config.folder()).resolve(index + ".png");
    Map<String, String> text = config.metadata() ? text(made, index, routed) : Map.of();
    PngFile.write(file, ImageGrid.picture(made, row, config.scale()), text);
    files.add(file.toString());
  }

  private Map<String, String> text(Images made, int index, ImageRouting routed) {
    SampleCard.@Nullable Start from =
        start.map(known -> new SampleCard.Start(config.strength(), known.sha256())).orElse(null);
    boolean asked = config.label() != null || ensemble.pulled().needsText();
    SampleCard card =
        ensemble.card(
            config.routing(),
            config.label(),
            asked ? config.guidance() : null,
            sampler,
            config.seed(),
            index,
            from,
            routed);
    int size = made.size() * config.scale();
    Map<String, String> out = new LinkedHashMap<>();
    out.put(
        InfoText.KEYWORD,
        new InfoText(config.prompt(), config.negativePrompt(), card, size).text());
    out.put(SampleCard.KEYWORD, card.json());
    return out;
  }

  /** Shows, every few steps, to which picture the first image's path points: {@code x - t v}. */
  private VelocityField previewing(VelocityField field) {
    int every = config.previewEvery() * (sampler.solver() == Solver.HEUN ? 2 : 1);
    int[] evaluations = {0};
    return (x, t) -> {
      NDArray v = field.at(x, t);
      evaluations[0]++;
      if (evaluations[0] % every == 0) {
        preview(x, t.toFloatArray()[0], v);
      }
      return v;
    };
  }

  private void preview(NDArray x, float t, NDArray v) {
    int channels = ensemble.pulled().channels();
    int size = ensemble.pulled().imageSize();
    float[] at = x.toFloatArray();
    float[] velocity = v.toFloatArray();
    float[] data = new float[channels * size * size];
    for (int i = 0; i < data.length; i++) {
      data[i] = at[i] - t * velocity[i];
    }
    Images seen = ensemble.pictures(new Images(1, channels, size, data));
    try {
      PngFile.write(
          PictureJobConfig.preview(Path.of(config.folder())),
          ImageGrid.picture(seen, 0, config.scale()),
          Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    context.emit(PictureJobConfig.PREVIEW, Map.of());
  }
}
