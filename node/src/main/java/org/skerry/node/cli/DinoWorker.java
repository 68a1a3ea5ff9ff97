package org.skerry.node.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.task.Partitioner;
import org.skerry.node.worker.Workers;
import org.skerry.trainer.DurableFiles;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ShardWriter;
import org.skerry.trainer.features.FeatureFile;
import org.skerry.trainer.features.FeatureTable;
import org.skerry.trainer.worker.WorkerEvent;
import org.skerry.trainer.worker.WorkerProcess;
import org.skerry.trainer.worker.job.FeaturesConfig;
import org.skerry.trainer.worker.job.FeaturesJob;
import tools.jackson.databind.JsonNode;

/** Runs a DINOv2 model in a worker process, over files in the home's work folder. */
final class DinoWorker implements Partitioner.VisionModel {
  private final SkerryHome home;
  private final Terminal terminal;

  DinoWorker(SkerryHome home, Terminal terminal) {
    this.home = home;
    this.terminal = terminal;
  }

  @Override
  public FeatureTable features(Path weights, ImageSet images)
      throws IOException, InterruptedException {
    Files.createDirectories(home.work());
    Files.createDirectories(home.logs());
    Path folder = Files.createTempDirectory(home.work(), "features-").toAbsolutePath();
    Path tar = folder.resolve("images.tar");
    Path matrix = folder.resolve("features.safetensors");
    int threads = Runtime.getRuntime().availableProcessors();
    FeaturesConfig config =
        new FeaturesConfig(
            weights.toString(), tar.toString(), images.size(), matrix.toString(), threads);
    Optional<ProgressBar> bar = terminal.progress("describing", images.count(), " images", 1);
    try (WorkerProcess worker =
        Workers.create(folder, home.logs().resolve("worker.log"), threads)) {
      ShardWriter.writeSingle(images, tar);
      JsonNode result = worker.run(FeaturesJob.KIND, config, event -> show(event, bar));
      FeatureTable table = FeatureFile.read(matrix, images.count());
      String weightsDigest = FeatureFile.digest(weights);
      return new FeatureTable(
          result.path("model").asString() + "-sha256-" + weightsDigest, table.vectors());
    } finally {
      bar.ifPresent(ProgressBar::close);
      DurableFiles.deleteTree(folder);
    }
  }

  private static void show(WorkerEvent event, Optional<ProgressBar> bar) {
    if (event instanceof WorkerEvent.FromJob(String name, JsonNode data)
        && name.equals(FeaturesJob.PROGRESS)) {
      bar.ifPresent(b -> b.stepTo(data.path("done").asLong()));
    }
  }
}
