package org.skerry.bench.ddm;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.Objective;
import org.skerry.diffusion.Parameters;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.training.CheckpointStore;
import org.skerry.trainer.training.Intervals;
import org.skerry.trainer.training.RunState;
import org.skerry.trainer.training.TrainingControl;
import org.skerry.trainer.training.TrainingData;
import org.skerry.trainer.training.TrainingEvent;
import org.skerry.trainer.training.TrainingLoop;
import org.skerry.trainer.training.TrainingRecipe;
import org.skerry.trainer.training.TrainingRun;

/** Trains networks in folders of their own, from where an earlier call was interrupted. */
final class Trainer {
  private static final Intervals INTERVALS =
      new Intervals(Duration.ofSeconds(60), Duration.ofDays(100), Duration.ofSeconds(60));

  private final Path folder;
  private final PrintStream progress;

  Trainer(Path folder, PrintStream progress) {
    this.folder = folder;
    this.progress = progress;
  }

  /**
   * The averaged weights of a network, trained to the end of its recipe.
   *
   * @param name of its folder
   * @param labels one an image, or null
   */
  Parameters train(
      String name,
      NetworkConfig config,
      Objective objective,
      ImageSet images,
      long @Nullable [] labels,
      TrainingRecipe recipe,
      NDManager manager)
      throws IOException, InterruptedException {
    Network network = Network.of(config);
    Path own = folder.resolve(name);
    CheckpointStore store =
        new CheckpointStore(own.resolve("checkpoints"), config + " " + recipe + " " + name);
    Optional<RunState> found = store.newest();
    try (TrainingData data = new TrainingData(images, labels);
        TrainingRun run =
            found.isPresent()
                ? TrainingRun.resume(network, objective, data, recipe, found.get(), manager)
                : TrainingRun.fromWeights(
                    network,
                    objective,
                    data,
                    recipe,
                    Parameters.initialTensors(network, recipe.seed()),
                    0,
                    manager)) {
      TrainingLoop.Outcome outcome =
          new TrainingLoop(
                  run,
                  store,
                  own.resolve("snapshots"),
                  average -> null,
                  new TrainingControl(),
                  event -> tell(name, event),
                  System::nanoTime,
                  INTERVALS)
              .run();
      return Parameters.fromSafetensors(network, manager, outcome.checkpoint().weights());
    }
  }

  private void tell(String name, TrainingEvent event) {
    if (event
        instanceof
        TrainingEvent.Progress(
            long step,
            long steps,
            double loss,
            double rate,
            double _,
            long _,
            double _,
            int _)) {
      progress.printf(
          Locale.ROOT, "%s: step %d of %d, loss %.4f, %.0f/s%n", name, step, steps, loss, rate);
    }
  }
}
