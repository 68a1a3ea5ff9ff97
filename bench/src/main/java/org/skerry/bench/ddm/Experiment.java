package org.skerry.bench.ddm;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.skerry.diffusion.FlowObjective;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.RoutingObjective;
import org.skerry.diffusion.VelocityField;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.torch.Torch;
import org.skerry.router.Ensemble;
import org.skerry.router.ImageGrid;
import org.skerry.router.Images;
import org.skerry.router.PngFile;
import org.skerry.router.Router;
import org.skerry.router.Sampler;
import org.skerry.router.Strategy;
import org.skerry.trainer.DurableFiles;
import org.skerry.trainer.dataset.ImageSet;
import tools.jackson.databind.json.JsonMapper;

/**
 * Trains a monolith and an ensemble of experts with the same compute, several times, and measures
 * both on images that neither has seen (McAllister et al., arXiv 2501.05450, section 4). What is
 * finished lies in the plan's folder; a call goes on from there.
 */
public final class Experiment {
  /** The sides whose images are compared; the oracle cannot sample. */
  static final List<String> SAMPLED = List.of("monolith", "top-1", "top-2", "full");

  static final String ORACLE = "oracle";

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int SAMPLER_STEPS = 25;
  private static final int SHOWN = 16;
  private static final long SAMPLES_SEED = 7;

  private final Plan plan;
  private final PrintStream progress;
  private final NDManager manager;
  private final Partitions data;
  private final Features features;

  private Experiment(
      Plan plan, PrintStream progress, NDManager manager, Partitions data, Features features) {
    this.plan = plan;
    this.progress = progress;
    this.manager = manager;
    this.data = data;
    this.features = features;
  }

  /**
   * Makes all runs that are not there yet.
   *
   * @param progress hears how far it is
   */
  public static Findings run(Plan plan, PrintStream progress)
      throws IOException, InterruptedException {
    try (NDManager manager = Torch.newManager()) {
      Partitions data = Partitions.of(plan);
      Features features = Features.train(new Trainer(plan.folder(), progress), plan, data, manager);
      Experiment experiment = new Experiment(plan, progress, manager, data, features);
      List<RunResult> results = new ArrayList<>();
      for (int run = 1; run <= plan.runs(); run++) {
        results.add(experiment.run(run));
      }
      Findings findings = new Findings(plan, features.accuracy(), results);
      Charts.write(findings, plan.folder());
      return findings;
    }
  }

  private RunResult run(int seed) throws IOException, InterruptedException {
    Path folder = plan.folder().resolve("run-" + seed);
    Path file = folder.resolve("result.json");
    Optional<RunResult> known = read(file);
    if (known.isPresent()) {
      return known.get();
    }
    try (NDManager own = manager.newSubManager()) {
      RunResult result = new Run(seed, folder, own).measure();
      DurableFiles.write(file, JSON.writeValueAsBytes(result));
      return result;
    }
  }

  private Optional<RunResult> read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    return Optional.of(JSON.readValue(Files.readAllBytes(file), RunResult.class))
        .filter(result -> result.settings().equals(plan.toString()));
  }

  /** One run. */
  private final class Run {
    private final int seed;
    private final Path folder;
    private final NDManager own;
    private final List<VelocityField> experts = new ArrayList<>();
    private final VelocityField monolith;
    private final Router router;

    Run(int seed, Path folder, NDManager own) throws IOException, InterruptedException {
      this.seed = seed;
      this.folder = folder;
      this.own = own;
      Trainer trainer = new Trainer(folder, progress);
      for (int k = 0; k < plan.partitions(); k++) {
        Parameters expert =
            trainer.train(
                "expert-" + k,
                plan.network(),
                new FlowObjective(),
                data.training().get(k),
                null,
                plan.expertRecipe(100L * seed + k),
                own);
        experts.add(expert.network().field(expert));
      }
      Parameters routing =
          trainer.train(
              "router",
              plan.router(),
              new RoutingObjective(),
              data.everything(),
              data.homes(),
              plan.routerRecipe(100L * seed + plan.partitions()),
              own);
      router = Router.of(routing.network(), routing);
      Parameters whole =
          trainer.train(
              "monolith",
              plan.network(),
              new FlowObjective(),
              data.everything(),
              null,
              plan.monolithRecipe(100L * seed + 99),
              own);
      monolith = whole.network().field(whole);
    }

    RunResult measure() throws IOException {
      List<ImageSet> heldOut = data.heldOut(plan.measured());
      Map<String, List<Double>> losses = new LinkedHashMap<>();
      Map<String, Double> frechet = new LinkedHashMap<>();
      Map<String, Double> sameNoise = new LinkedHashMap<>();
      Map<String, Double> otherNoise = new LinkedHashMap<>();
      ImageSet real = ImageSet.concat(data.heldOut());
      losses.put(ORACLE, Measures.losses(experts::get, heldOut, own));
      List<ImageGrid.Row> rows = new ArrayList<>();
      rows.add(row("real\nimages", pictures(Partitions.spread(real, SHOWN))));
      Images whole = null;
      for (String side : SAMPLED) {
        VelocityField field = field(side);
        say(side + ": losses");
        losses.put(side, Measures.losses(k -> field, heldOut, own));
        Images made = samples(side, field);
        frechet.put(side, features.distance(ImageSet.fromFloats(plan.size(), made.data()), real));
        rows.add(row(side, made));
        if (whole == null) {
          whole = made;
        }
        sameNoise.put(side, Measures.correlation(whole, made, 0));
        otherNoise.put(side, Measures.correlation(whole, made, 1));
      }
      sameNoise.remove(SAMPLED.getFirst());
      otherNoise.remove(SAMPLED.getFirst());
      PngFile.write(
          folder.resolve("grid.png"), new ImageGrid("run " + seed, rows, 3).draw(), Map.of());
      return new RunResult(
          plan.toString(),
          losses,
          frechet,
          features.distance(Partitions.spread(data.everything(), plan.samples()), real),
          Measures.accuracies(router, heldOut, own),
          sameNoise,
          otherNoise);
    }

    private VelocityField field(String side) {
      if (side.equals(SAMPLED.getFirst())) {
        return monolith;
      }
      Map<Integer, VelocityField> byPartition = new TreeMap<>();
      for (int k = 0; k < experts.size(); k++) {
        byPartition.put(k, experts.get(k));
      }
      return new Ensemble(router, byPartition, plan.partitions(), Strategy.parse(side));
    }

    /** The same noise for every side and every run. */
    private Images samples(String side, VelocityField field) throws IOException {
      Path file = folder.resolve("samples-" + side + ".safetensors");
      if (Files.exists(file)) {
        HostTensor tensor = Safetensors.map(file).tensors().get("images");
        if (tensor != null && tensor.shape().getFirst() == plan.samples()) {
          return new Images(plan.samples(), 3, plan.size(), tensor.toFloats());
        }
      }
      say(side + ": images");
      Images made =
          Sampler.usual(SAMPLER_STEPS)
              .sample(own, field, 3, plan.size(), SAMPLES_SEED, plan.samples())
              .clamped();
      HostTensor tensor = HostTensor.of(made.data(), plan.samples(), 3, plan.size(), plan.size());
      new Safetensors(Map.of("images", tensor), Map.of()).write(file);
      return made;
    }

    private void say(String what) {
      progress.println("run " + seed + ": " + what);
    }
  }

  private static ImageGrid.Row row(String caption, Images images) {
    return new ImageGrid.Row(caption, images.slice(0, Math.min(SHOWN, images.count())));
  }

  private static Images pictures(ImageSet set) {
    return new Images(set.count(), ImageSet.CHANNELS, set.size(), set.toFloats());
  }
}
