package org.skerry.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.skerry.diffusion.DitClassifierConfig;
import org.skerry.diffusion.DitConfig;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.ParisExpertConfig;
import org.skerry.diffusion.UNetClassifierConfig;
import org.skerry.diffusion.UNetConfig;
import org.skerry.diffusion.optimizer.Optimizer;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.torch.Precision;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ShardWriter;
import org.skerry.trainer.text.TextTable;
import org.skerry.trainer.training.MemoryEstimate;
import org.skerry.trainer.training.Recompute;
import org.skerry.trainer.training.TrainingRecipe;
import org.skerry.trainer.worker.job.TextTables;
import org.skerry.trainer.worker.job.TrainConfig;
import org.skerry.trainer.worker.job.TrainJob;
import tools.jackson.databind.JsonNode;

/** The memory of real workers, against what was estimated and what was allowed. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class WorkerMemoryIT {
  private static final double FACTOR = 1.5;
  private static final int IMAGES = 64;

  @TempDir Path folder;

  /** One of each family; {@link WorkerMemorySoak} has larger ones. */
  static Stream<Arguments> networks() {
    return Stream.of(
        Arguments.of(new UNetConfig(3, 16, 8, 2, 32, 8, 0), Optimizer.Rule.MUON, 16),
        Arguments.of(new DitConfig(3, 32, 2, 192, 6, 6, 768, 10, false), Optimizer.Rule.ADAMW, 32),
        Arguments.of(
            new ParisExpertConfig(3, 32, 2, 192, 4, 6, 768, 768), Optimizer.Rule.ADAMW, 32),
        Arguments.of(
            new DitClassifierConfig(3, 16, 2, 192, 4, 6, 768, 2), Optimizer.Rule.ADAMW, 64),
        Arguments.of(new UNetClassifierConfig(3, 32, 32, 3, 128, 8, 2), Optimizer.Rule.MUON, 128));
  }

  List<Precision> precisions() {
    return List.of(Precision.FLOAT32);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void peakOfARealWorkerIsWithinTheStatedFactorOfTheEstimate(
      NetworkConfig network, Optimizer.Rule rule, int batch) throws Exception {
    TrainingRecipe recipe = TrainingRecipe.shortRun(1, batch, 5).withOptimizer(rule);
    MemoryEstimate estimate =
        MemoryEstimate.of(network, rule, IMAGES, texts(network).maxTokens(), batch);
    assertThat((double) peakBytes(network, recipe, Recompute.OFF) / estimate.bytes(batch))
        .isBetween(1 / FACTOR, FACTOR);
  }

  @Test
  void blocksComputedAgainTakeLessMemoryAsEstimated() throws Exception {
    NetworkConfig network = new DitConfig(3, 32, 2, 192, 12, 6, 768, 0, false);
    int batch = 12;
    TrainingRecipe recipe =
        TrainingRecipe.shortRun(1, batch, 5).withOptimizer(Optimizer.Rule.ADAMW);
    MemoryEstimate estimate = MemoryEstimate.of(network, Optimizer.Rule.ADAMW, IMAGES);
    long kept = peakBytes(network, recipe, Recompute.OFF);
    for (Precision precision : precisions()) {
      long again = peakBytes(network, recipe.withPrecision(precision), Recompute.ON);
      assertThat((double) again / estimate.recomputed().bytes(batch)).isBetween(1 / FACTOR, FACTOR);
      assertThat(again).isLessThan(kept * 2 / 3);
    }
  }

  private long peakBytes(NetworkConfig network, TrainingRecipe recipe, Recompute recompute)
      throws Exception {
    AtomicLong peak = new AtomicLong();
    WorkerLaunch launch = recompute == Recompute.ON ? launch().givingMemoryBack() : launch();
    try (WorkerProcess worker = new WorkerProcess(launch)) {
      worker.run(
          TrainJob.KIND,
          config(network, recipe, 0, recompute),
          _ -> note(peak, worker.pid().orElse(0L)));
    }
    return peak.get();
  }

  @Test
  void underACapThatTheWholeBatchDoesNotFitTrainingEndsWithThePlannedPartsAndStaysBelow()
      throws Exception {
    assumeTrue(MemoryCap.isEnforced(), "prlimit is installed");
    NetworkConfig network = new UNetConfig(3, 32, 32, 3, 128, 8, 0);
    int batch = 192;
    MemoryEstimate estimate = MemoryEstimate.of(network, Optimizer.Rule.ADAMW, IMAGES);
    MemoryCap cap = new MemoryCap(750L << 20);
    assertThat(estimate.bytes(batch)).isGreaterThan(2 * cap.bytes());
    int part = estimate.microBatch(batch, cap.bytes());
    assertThat(part).isBetween(1, batch / 4);
    AtomicLong peak = new AtomicLong();
    List<WorkerEvent> deaths = new CopyOnWriteArrayList<>();
    try (WorkerProcess worker = new WorkerProcess(launch().withMemoryCap(cap))) {
      var result =
          worker.run(
              TrainJob.KIND,
              config(
                  network,
                  TrainingRecipe.shortRun(1, batch, 5).withOptimizer(Optimizer.Rule.ADAMW),
                  part,
                  Recompute.OFF),
              event -> {
                note(peak, worker.pid().orElse(0L));
                if (event instanceof WorkerEvent.Died) {
                  deaths.add(event);
                }
              });
      assertThat(result.get("finished").asBoolean()).isTrue();
    }
    assertThat(deaths).isEmpty();
    assertThat(peak.get()).isBetween(1L, cap.bytes());
  }

  @Test
  void aWorkerWhoseMemoryEndsGoesOnInSmallerPartsToTheSameWeights() throws Exception {
    assumeTrue(MemoryCap.isEnforced(), "prlimit is installed");
    NetworkConfig network = new UNetConfig(3, 32, 32, 3, 128, 8, 0);
    int batch = 128;
    int tooMany = 96; // parts that no estimate would have planned
    TrainingRecipe recipe =
        TrainingRecipe.shortRun(1, batch, 5).withOptimizer(Optimizer.Rule.ADAMW);
    MemoryCap cap = new MemoryCap(700L << 20);
    AtomicLong peak = new AtomicLong();
    List<WorkerEvent> deaths = new CopyOnWriteArrayList<>();
    AtomicInteger parts = new AtomicInteger(tooMany);
    JsonNode result;
    try (WorkerProcess worker = new WorkerProcess(launch().withMemoryCap(cap))) {
      result =
          worker.run(
              TrainJob.KIND,
              config(network, recipe, tooMany, Recompute.OFF),
              event -> {
                note(peak, worker.pid().orElse(0L));
                switch (event) {
                  case WorkerEvent.Died died -> deaths.add(died);
                  case WorkerEvent.FromJob(String name, JsonNode data)
                      when name.equals(TrainJob.SMALLER_PARTS) ->
                      parts.set(data.get("images").asInt());
                  default -> {}
                }
              });
    }
    assertThat(result.get("finished").asBoolean()).isTrue();
    assertThat(deaths).isNotEmpty();
    assertThat(parts.get()).isBetween(3, tooMany / 2);
    assertThat(peak.get()).isBetween(1L, cap.bytes());

    byte[] capped = Files.readAllBytes(Path.of(result.get("weights").asString()));
    JsonNode undisturbed;
    try (WorkerProcess worker = new WorkerProcess(launch())) {
      undisturbed =
          worker.run(TrainJob.KIND, config(network, recipe, parts.get(), Recompute.OFF), _ -> {});
    }
    assertThat(Files.readAllBytes(Path.of(undisturbed.get("weights").asString())))
        .isEqualTo(capped);
  }

  /** The last event comes after the last checkpoint, when the peak is over. */
  private static void note(AtomicLong peak, long pid) {
    try (Stream<String> status = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      status
          .filter(line -> line.startsWith("VmHWM:"))
          .forEach(line ->
              peak.accumulateAndGet(1024 * Long.parseLong(line.replaceAll("\\D", "")), Math::max));
    } catch (IOException | UncheckedIOException e) {
      // it has just ended: the event before told
    }
  }

  private TrainConfig config(
      NetworkConfig network, TrainingRecipe recipe, int microBatch, Recompute recompute)
      throws IOException {
    Path shard = folder.resolve("train.tar");
    ImageSet images = BuiltInPictures.generate(IMAGES, network.imageSize(), 1);
    ShardWriter.writeSingle(images, shard);
    TextTables texts = texts(network);
    if (!texts.files().isEmpty()) {
      writeTexts(network.textWidth(), images, Path.of(texts.files().getFirst()));
    }
    boolean router =
        network instanceof UNetClassifierConfig || network instanceof DitClassifierConfig;
    List<String> shards = List.of(shard.toString());
    return new TrainConfig(
        network.toProperties(),
        recipe,
        router ? List.of(shards, shards) : List.of(shards),
        List.of(),
        Files.createTempDirectory(folder, "work").toString(),
        TrainConfig.Start.fresh(1),
        microBatch,
        recompute,
        "cpu",
        1,
        3600,
        3600,
        0.001,
        texts);
  }

  /** As long as CLIP's. */
  private TextTables texts(NetworkConfig network) {
    return network.textWidth() == 0
        ? TextTables.NONE
        : new TextTables(List.of(folder.resolve("texts.safetensors").toString()), 77);
  }

  private static void writeTexts(int width, ImageSet images, Path file) throws IOException {
    Map<String, HostTensor> texts = new HashMap<>();
    HostTensor text = TextTable.rounded(new float[77 * width], 77, width);
    texts.put(TextTable.key(null), text);
    images.infos().forEach(info -> texts.put(TextTable.key(info.caption()), text));
    new Safetensors(texts, Map.of()).write(file);
  }

  private WorkerLaunch launch() {
    return WorkerLaunch.sameJava(
            TestWorkerMain.class, folder.resolve("worker"), folder.resolve("worker.log"), 1)
        .withJvmOptions(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"))
        .withRestarts(Duration.ofMillis(50), Duration.ofMillis(200), 3);
  }
}
