package org.skerry.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.UNetConfig;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.Datasets;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ReadLimits;
import org.skerry.trainer.partition.PartitionLayout;
import org.skerry.trainer.partition.TaskBuilder;
import org.skerry.trainer.partition.TaskLayout;
import org.skerry.trainer.partition.TaskSpec;
import org.skerry.trainer.training.Recompute;
import org.skerry.trainer.training.TrainingRecipe;
import org.skerry.trainer.worker.job.TextTables;
import org.skerry.trainer.worker.job.TrainConfig;
import org.skerry.trainer.worker.job.TrainJob;
import org.skerry.trainer.worker.job.TrainResult;
import tools.jackson.databind.json.JsonMapper;

/**
 * Four experts on the partitions of a dataset, their workers killed at fifty random moments,
 * against the same experts undisturbed. The dataset is CIFAR-10 where {@code
 * -Dskerry.cifar10=FOLDER} names its tars, built-in pictures otherwise.
 */
class KilledTrainingSoak {
  private static final int EXPERTS = 4;
  private static final int KILLS = 50;
  private static final int STEPS = 300;
  private static final int SIZE = 32;
  private static final long SEED = 20261121;

  @TempDir Path folder;

  @Test
  void fiftyKillsChangeNoBit() throws Exception {
    ImageSet images = images();
    TaskLayout task =
        new TaskBuilder(TaskSpec.of(EXPERTS, 1)).build(images, folder.resolve("task"));
    Random random = new Random(SEED);
    int kills = 0;
    for (PartitionLayout partition : task.partitions()) {
      TrainResult calm = train(partition, "calm", new AtomicInteger(), random);
      AtomicInteger left = new AtomicInteger((KILLS - kills) / (EXPERTS - partition.index()));
      int planned = left.get();
      TrainResult killed = train(partition, "killed", left, random);
      kills += planned - left.get();
      System.out.printf(
          "expert %d: %d images, killed %d times, loss %.4f%n",
          partition.index(), partition.trainingImages(), planned - left.get(), killed.loss());
      assertThat(killed.step()).isEqualTo(STEPS);
      assertThat(Path.of(killed.weights())).hasSameBinaryContentAs(Path.of(calm.weights()));
      assertThat(Path.of(killed.resume())).hasSameBinaryContentAs(Path.of(calm.resume()));
    }
    assertThat(kills).as("kills, seed " + SEED).isGreaterThanOrEqualTo(KILLS);
  }

  private static ImageSet images() throws Exception {
    String cifar = System.getProperty("skerry.cifar10", "");
    return cifar.isEmpty()
        ? BuiltInPictures.generate(4_000, SIZE, 1)
        : Datasets.open(Path.of(cifar), SIZE, ReadLimits.DEFAULT).images();
  }

  /** Kills until {@code left} is used up, each a random while after the worker's last start. */
  private TrainResult train(
      PartitionLayout partition, String name, AtomicInteger left, Random random) throws Exception {
    Path work = Files.createDirectories(folder.resolve(name + partition.index()));
    TrainConfig config =
        new TrainConfig(
            new UNetConfig(3, SIZE, 16, 3, 64, 8, 0).toProperties(),
            TrainingRecipe.shortRun(STEPS, 16, 5),
            List.of(partition.shards().stream().map(Path::toString).toList()),
            List.of(),
            work.toString(),
            TrainConfig.Start.fresh(1),
            0,
            Recompute.AUTO,
            "cpu",
            1,
            0.5,
            3600,
            1,
            TextTables.NONE);
    WorkerLaunch launch =
        WorkerLaunch.sameJava(TestWorkerMain.class, work, work.resolve("log"), 1)
            .withJvmOptions(List.of("-XX:+UseSerialGC"))
            .withRestarts(Duration.ofMillis(10), Duration.ofMillis(50), 2 * KILLS);
    try (WorkerProcess worker = new WorkerProcess(launch)) {
      Thread killer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (left.get() > 0) {
                    Thread.sleep(200 + random.nextInt(5_000));
                    worker
                        .pid()
                        .flatMap(ProcessHandle::of)
                        .filter(ProcessHandle::destroyForcibly)
                        .ifPresent(killed -> left.decrementAndGet());
                  }
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      try {
        return JsonMapper.shared()
            .treeToValue(worker.run(TrainJob.KIND, config, event -> {}), TrainResult.class);
      } finally {
        killer.interrupt();
        killer.join();
      }
    }
  }
}
