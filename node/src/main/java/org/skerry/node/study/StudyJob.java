package org.skerry.node.study;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.VelocityField;
import org.skerry.diffusion.torch.Torch;
import org.skerry.node.NodeException;
import org.skerry.node.ensemble.LoadedEnsemble;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.router.Ensemble;
import org.skerry.router.ImageGrid;
import org.skerry.router.Images;
import org.skerry.router.PngFile;
import org.skerry.router.Routing;
import org.skerry.router.RoutingHistogram;
import org.skerry.router.SampleCard;
import org.skerry.router.Sampler;
import org.skerry.router.Strategy;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ReadLimits;
import org.skerry.trainer.dataset.WebDataset;
import org.skerry.trainer.evaluation.Evaluation;
import org.skerry.trainer.evaluation.RouterAccuracy;
import org.skerry.trainer.metrics.FrechetDistance;
import org.skerry.trainer.metrics.GaussianDenoiser;
import org.skerry.trainer.worker.JobContext;
import org.skerry.trainer.worker.JobHandler;
import org.skerry.transfer.BlobId;
import tools.jackson.databind.JsonNode;

/**
 * Tells how good an ensemble is: losses of every expert on every partition, Fréchet distances
 * beside controls, where the router sends what, and a picture of it all.
 */
public final class StudyJob implements JobHandler {
  public static final String KIND = "study";

  private static final long DRAWS_SEED = 17;
  private static final int MAX_MEASURED = 256;

  /** An untrained network's velocity is next to nothing, so few steps follow it as well as many. */
  private static final int UNTRAINED_STEPS = 4;

  @Override
  public StudyResult run(JsonNode json, JobContext context) throws IOException, NodeException {
    StudyConfig config = context.config(json, StudyConfig.class);
    PulledEnsemble pulled = PulledEnsemble.read(Path.of(config.ensemble()));
    List<ImageSet> training = read(config.training(), pulled.imageSize());
    List<ImageSet> heldOut = read(config.heldOut(), pulled.imageSize());
    Torch.threads(config.threads());
    try (LoadedEnsemble ensemble =
        LoadedEnsemble.open(pulled, blob -> blob(config, blob), Long.MAX_VALUE, Long.MAX_VALUE)) {
      return new Study(config, context, ensemble, training, heldOut).run();
    }
  }

  private static Path blob(StudyConfig config, BlobId id) {
    return Path.of(config.blobs()).resolve(id.toString());
  }

  private static List<ImageSet> read(List<List<String>> partitions, int size) throws IOException {
    List<ImageSet> sets = new ArrayList<>();
    for (List<String> tars : partitions) {
      List<Path> paths = tars.stream().map(Path::of).toList();
      sets.add(WebDataset.readShards(paths, size, ReadLimits.DEFAULT).images());
    }
    return sets;
  }

  /** One run of the job. */
  private record Study(
      StudyConfig config,
      JobContext context,
      LoadedEnsemble ensemble,
      List<ImageSet> training,
      List<ImageSet> heldOut) {

    StudyResult run() throws IOException, NodeException {
      List<Integer> partitions = List.copyOf(ensemble.partitions());
      List<List<Double>> matrix = matrix(partitions);
      List<Double> gaussian = partitions.stream().map(this::gaussianLoss).toList();
      ImageSet real = ImageSet.concat(heldOut);
      ImageSet seen = ImageSet.concat(training);
      FrechetDistance distance = FrechetDistance.fit(seen);
      Map<String, Double> frechet = new LinkedHashMap<>();
      List<ImageGrid.Row> rows = new ArrayList<>();
      rows.add(new ImageGrid.Row("real\nimages", images(spread(real, config.columns()))));
      List<RoutingHistogram.Level> routing = List.of();
      for (String name : config.strategies()) {
        Ensemble mixed = ensemble.mixed(routing(name));
        Images samples = sample(mixed, config.samples(), "sampling " + name);
        frechet.put(name, distance.between(imageSet(samples), real));
        rows.add(new ImageGrid.Row("ensemble\n" + name, samples.slice(0, shown(samples.count()))));
        if (routing.isEmpty()) {
          routing = mixed.histogram().levels();
        }
      }
      for (int k : partitions) {
        Images alone = sample(ensemble.alone(k), config.columns(), "sampling expert " + k);
        rows.add(new ImageGrid.Row("expert " + k + "\nalone", alone));
      }
      write(rows);
      return new StudyResult(
          partitions,
          matrix,
          gaussian,
          isDiagonalDominant(matrix),
          routerAccuracy(),
          frechet,
          distance.between(imageSet(untrained()), real),
          distance.between(GaussianDenoiser.fit(seen).sample(config.samples(), DRAWS_SEED), real),
          distance.between(spread(seen, config.samples()), real),
          routing);
    }

    private List<List<Double>> matrix(List<Integer> partitions) throws NodeException {
      List<List<Double>> matrix = new ArrayList<>();
      for (int expert : partitions) {
        Parameters p = ensemble.expert(expert).parameters();
        List<Double> row = new ArrayList<>();
        for (int k : partitions) {
          row.add(Evaluation.flowLoss(p.network(), p, measured(k), DRAWS_SEED));
        }
        matrix.add(row);
        context.emit("status", new Status("expert " + expert + " measured"));
      }
      return matrix;
    }

    private ImageSet measured(int partition) {
      return spread(heldOut.get(partition), MAX_MEASURED);
    }

    private double gaussianLoss(int partition) {
      GaussianDenoiser denoiser = GaussianDenoiser.fit(training.get(partition));
      return Evaluation.gaussianLoss(denoiser, measured(partition), DRAWS_SEED);
    }

    private static boolean isDiagonalDominant(List<List<Double>> matrix) {
      return IntStream.range(0, matrix.size())
          .allMatch(column ->
              IntStream.range(0, matrix.size())
                  .allMatch(row ->
                      row == column
                          || matrix.get(column).get(column) < matrix.get(row).get(column)));
    }

    private RouterAccuracy routerAccuracy() throws NodeException {
      Parameters router = ensemble.requiredRouter();
      List<ImageSet> sets = heldOut.stream().map(set -> spread(set, MAX_MEASURED)).toList();
      long[] labels =
          IntStream.range(0, sets.size())
              .flatMap(k -> IntStream.generate(() -> k).limit(sets.get(k).count()))
              .asLongStream()
              .toArray();
      return Evaluation.routerAccuracy(
          router.network(), router, ImageSet.concat(sets), labels, DRAWS_SEED);
    }

    private Images sample(VelocityField field, int count, String title) {
      return ensemble.sample(
          field,
          Sampler.usual(config.steps()),
          config.seed(),
          0,
          count,
          (done, total) -> context.emit("sampling", new Sampling(title, done, total)));
    }

    /** As the ensemble, with every expert at its initial weights. */
    private Images untrained() throws NodeException {
      try (NDManager manager = Torch.newManager()) {
        Map<Integer, VelocityField> fresh = new TreeMap<>();
        for (int k : ensemble.partitions()) {
          Parameters initial = Parameters.initialise(ensemble.expert(k).model(), manager, k);
          fresh.put(k, initial.network().field(initial));
        }
        Ensemble field = ensemble.mixed(routing(config.strategies().getFirst()), fresh);
        return ensemble.sample(
            field,
            Sampler.usual(UNTRAINED_STEPS),
            config.seed(),
            0,
            config.samples(),
            (done, total) -> {});
      }
    }

    private static Routing routing(String strategy) {
      return new Routing(Strategy.parse(strategy), 1);
    }

    private int shown(int count) {
      return Math.min(count, config.columns());
    }

    private void write(List<ImageGrid.Row> rows) throws IOException {
      int scale = Math.max(1, 64 / ensemble.pulled().imageSize());
      ImageGrid grid = new ImageGrid("Skerry: " + ensemble.pulled().name(), rows, scale);
      PngFile.write(
          Path.of(config.grid()),
          grid.draw(),
          Map.of(
              SampleCard.KEYWORD,
              ensemble
                  .card(
                      routing(config.strategies().getFirst()),
                      null,
                      null,
                      Sampler.usual(config.steps()),
                      config.seed(),
                      0,
                      null,
                      null)
                  .json()));
    }

    /** At most {@code count} images, evenly over the whole set. */
    private static ImageSet spread(ImageSet images, int count) {
      int kept = Math.min(count, images.count());
      return images.select(
          IntStream.range(0, kept).map(i -> (int) ((long) i * images.count() / kept)).toArray());
    }

    private static Images images(ImageSet set) {
      return new Images(set.count(), ImageSet.CHANNELS, set.size(), set.toFloats());
    }

    private static ImageSet imageSet(Images images) {
      return ImageSet.fromFloats(images.size(), images.data());
    }
  }

  /** An event: what is being done. */
  private record Status(String text) {}

  /** An event: evaluations of the field made, of how many. */
  private record Sampling(String title, int done, int total) {}
}
