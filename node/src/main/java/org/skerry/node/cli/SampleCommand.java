package org.skerry.node.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.worker.SampleJob;
import org.skerry.node.worker.Workers;
import org.skerry.router.Sampler;
import org.skerry.router.Solver;
import org.skerry.router.Strategy;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.worker.WorkerEvent;
import org.skerry.trainer.worker.WorkerProcess;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
    name = "sample",
    mixinStandardHelpOptions = true,
    description = "Make images with a pulled model, as PNG files that say how they were made.",
    footer = {
      "",
      "Examples:",
      "  skerry sample starter               a small ensemble that comes with skerry",
      "  skerry sample emoji --count 16 --seed 7",
      "  skerry sample emoji --strategy top-2 --out pictures",
      "  skerry sample cifar --class ship --guidance 2"
    })
final class SampleCommand implements CliAction {
  private static final int MAX_NAMES = 20;

  private final Session session;

  @Parameters(paramLabel = "MODEL", description = "the name of a pulled ensemble, or its note")
  String model = "";

  @Mixin JsonOption output = new JsonOption();

  @Option(names = "--count", paramLabel = "N", description = "how many (default: ${DEFAULT-VALUE})")
  int count = 8;

  @Option(names = "--seed", paramLabel = "N", description = "of the noise (default: 1)")
  long seed = 1;

  @Option(names = "--steps", paramLabel = "N", description = "of the sampler (default: 30)")
  int steps = 30;

  @Option(
      names = "--solver",
      paramLabel = "NAME",
      description = "euler, heun or dpm-2m (default: dpm-2m)")
  String solver = Solver.DPM_2M.text();

  @Option(
      names = "--shift",
      paramLabel = "S",
      description = "above 1: more steps near the noise (default: 3)")
  double shift = Sampler.USUAL_SHIFT;

  @Option(
      names = "--strategy",
      paramLabel = "NAME",
      description = "full, top-1, top-2, …, threshold-0.05, … (default: full)")
  String strategy = "full";

  @Option(
      names = "--class",
      paramLabel = "N|NAME",
      description = "what to make, of a model that was trained on classes")
  @Nullable String wanted;

  @Option(
      names = "--guidance",
      paramLabel = "W",
      description =
          """
          how much each expert is pushed towards the class, by classifier-free guidance; 1 is as \
          trained, 2 to 4 makes it plainer (default: 1)\
          """)
  double guidance = 1;

  @Option(names = "--scale", paramLabel = "N", description = "enlarge by N (default: 1)")
  int scale = 1;

  @Option(names = "--out", paramLabel = "DIR", description = "where to (default: samples)")
  Path out = Path.of("samples");

  @Option(names = "--threads", paramLabel = "N", description = "CPU threads (default: all)")
  int threads = Runtime.getRuntime().availableProcessors();

  SampleCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws Exception {
    SkerryHome home = session.openHome("cli.log");
    Terminal terminal = session.terminal();
    ModelShelf.Model found = new ModelShelf(home).modelToSample(model);
    Path note = found.note();
    PulledEnsemble pulled = found.ensemble();
    SampleJob.Config config = config(home, note, label(pulled));
    for (int partition : pulled.missing()) {
      terminal.warn("the ensemble has no expert of partition " + partition + ", and does without");
    }
    Optional<ProgressBar> bar = terminal.progress("sampling", steps, " steps", 1);
    try (WorkerProcess worker =
        Workers.create(home.work(), home.logs().resolve("worker.log"), threads)) {
      JsonNode result = worker.run(SampleJob.KIND, config, event -> show(event, bar));
      bar.ifPresent(ProgressBar::close);
      if (output.json) {
        terminal.json(result);
      } else {
        result.path("files").forEach(file -> terminal.print(file.asString()));
      }
    } catch (TrainerException e) {
      bar.ifPresent(ProgressBar::close);
      throw new NodeException(
          Reason.DATA_INVALID,
          "the model cannot be sampled (" + e.getMessage() + ")",
          "pull it again with `skerry pull`",
          e);
    }
  }

  /** The class that is wanted; null for none. */
  private @Nullable Integer label(PulledEnsemble pulled) throws NodeException {
    Terminal terminal = session.terminal();
    if (pulled.classes() == 0) {
      if (wanted != null || guidance != 1) {
        terminal.warn(
            pulled.name() + " was trained without classes: --class and --guidance do nothing");
      }
      return null;
    }
    if (wanted == null) {
      if (guidance != 1) {
        terminal.warn("--guidance does nothing without --class");
      }
      return null;
    }
    OptionalInt label = pulled.classOf(wanted);
    if (label.isEmpty()) {
      throw new NodeException(
          Reason.USAGE,
          pulled.name() + " has no class '" + wanted + "'",
          "name one of " + classesText(pulled));
    }
    return label.getAsInt();
  }

  private static String classesText(PulledEnsemble pulled) {
    String numbers = "0 to " + (pulled.classes() - 1);
    List<String> names = pulled.classNames();
    if (names == null || names.isEmpty()) {
      return numbers;
    }
    return numbers
        + ": "
        + String.join(", ", names.subList(0, Math.min(names.size(), MAX_NAMES)))
        + (names.size() > MAX_NAMES ? ", …" : "");
  }

  private SampleJob.Config config(SkerryHome home, Path note, @Nullable Integer label)
      throws NodeException {
    try {
      return new SampleJob.Config(
          note.toAbsolutePath().toString(),
          home.fetched().toString(),
          Strategy.parse(strategy).text(),
          label,
          label == null ? 1 : guidance,
          seed,
          0,
          count,
          solver,
          steps,
          shift,
          out.toAbsolutePath().toString(),
          scale,
          threads);
    } catch (IllegalArgumentException e) {
      throw new NodeException(
          Reason.USAGE, String.valueOf(e.getMessage()), "run `skerry sample --help`", e);
    }
  }

  private static void show(WorkerEvent event, Optional<ProgressBar> bar) {
    if (event instanceof WorkerEvent.FromJob(String name, JsonNode data)
        && name.equals("sampled")) {
      bar.ifPresent(shown -> {
        shown.maxHint(data.path("total").asLong());
        shown.stepTo(data.path("done").asLong());
      });
    }
  }
}
