package org.skerry.node.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.worker.SampleJob;
import org.skerry.node.worker.Workers;
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
      "  skerry sample emoji --count 16 --seed 7",
      "  skerry sample emoji --strategy top-2 --out pictures"
    })
final class SampleCommand implements CliAction {
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
      names = "--strategy",
      paramLabel = "NAME",
      description = "full, top-1, top-2, … (default: full)")
  String strategy = "full";

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
    SampleJob.Config config = config(home);
    Terminal terminal = session.terminal();
    warnOfMissing(Path.of(config.ensemble()));
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

  private void warnOfMissing(Path note) throws NodeException {
    try {
      for (int partition : PulledEnsemble.read(note).missing()) {
        session
            .terminal()
            .warn("the ensemble has no expert of partition " + partition + ", and does without");
      }
    } catch (IOException e) {
      throw new NodeException(
          Reason.NOT_FOUND,
          "no ensemble '" + model + "' was pulled (" + e.getMessage() + ")",
          "get it with `skerry pull " + model + "`",
          e);
    }
  }

  private SampleJob.Config config(SkerryHome home) throws NodeException {
    Path named = Path.of(model);
    Path note = Files.isRegularFile(named) ? named : home.model(model);
    try {
      return new SampleJob.Config(
          note.toAbsolutePath().toString(),
          home.fetched().toString(),
          Strategy.parse(strategy).text(),
          seed,
          0,
          count,
          steps,
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
