package org.skerry.trainer.worker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.UNetConfig;
import org.skerry.diffusion.optimizer.Optimizer;
import org.skerry.diffusion.torch.Precision;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.SampleFormat;
import org.skerry.trainer.dataset.ShardWriter;
import org.skerry.trainer.training.Recompute;
import org.skerry.trainer.training.TrainingRecipe;
import org.skerry.trainer.worker.job.EvaluateConfig;
import org.skerry.trainer.worker.job.EvaluateJob;
import org.skerry.trainer.worker.job.EvaluateResult;
import org.skerry.trainer.worker.job.MeasureConfig;
import org.skerry.trainer.worker.job.MeasureJob;
import org.skerry.trainer.worker.job.TextTables;
import org.skerry.trainer.worker.job.TrainConfig;
import org.skerry.trainer.worker.job.TrainJob;
import org.skerry.trainer.worker.job.TrainResult;
import tools.jackson.databind.JsonNode;

@Timeout(value = 180, unit = TimeUnit.SECONDS)
class WorkerProcessIT {
  private static final NetworkConfig NETWORK = new UNetConfig(3, 8, 8, 2, 16, 4, 0);
  private static final int STEPS = 60;

  @TempDir Path folder;

  @Test
  void aKilledWorkerIsRestartedAndEndsWithTheSameBits() throws Exception {
    Path shard = shard();
    TrainResult undisturbed;
    try (WorkerProcess worker = worker("calm")) {
      undisturbed =
          result(
              worker.run(TrainJob.KIND, training("calm", shard, 0.2), _ -> {}), TrainResult.class);
    }
    List<WorkerEvent> events = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger kills = new AtomicInteger();
    TrainResult disturbed;
    try (WorkerProcess worker = worker("killed")) {
      JsonNode json =
          worker.run(
              TrainJob.KIND,
              training("killed", shard, 0.2),
              event -> {
                events.add(event);
                if (isCheckpointBefore(event, STEPS) && kills.getAndIncrement() < 2) {
                  kill9(worker.pid().orElseThrow());
                }
              });
      disturbed = result(json, TrainResult.class);
    }
    assertThat(events.stream().filter(WorkerEvent.Died.class::isInstance).toList())
        .isNotEmpty()
        .allSatisfy(e -> assertThat(((WorkerEvent.Died) e).how()).isEqualTo("killed by signal 9"));
    assertThat(disturbed.finished()).isTrue();
    assertThat(disturbed.step()).isEqualTo(STEPS);
    assertThat(Path.of(disturbed.weights())).hasSameBinaryContentAs(Path.of(undisturbed.weights()));
    assertThat(Path.of(disturbed.resume())).hasSameBinaryContentAs(Path.of(undisturbed.resume()));
  }

  @Test
  void aClassConditionalNetworkLearnsFromAShardOfLatents() throws Exception {
    ImageSet.Builder latents = new ImageSet.Builder(SampleFormat.latents(4, 8));
    for (int i = 0; i < 30; i++) {
      float[] values = new float[4 * 8 * 8];
      Arrays.fill(values, i % 3 - 1);
      latents.add(new ImageInfo("latent" + i, null, i % 3), values);
    }
    Path shard = folder.resolve("latents.tar");
    ShardWriter.writeSingle(latents.build(), shard);
    List<String> tars = List.of(shard.toString());
    TrainConfig config =
        new TrainConfig(
            new UNetConfig(4, 8, 8, 2, 16, 4, 3).toProperties(),
            TrainingRecipe.shortRun(STEPS, 16, 5),
            List.of(tars),
            List.of(tars),
            folder.resolve("latents").toString(),
            TrainConfig.Start.fresh(1),
            0,
            Recompute.AUTO,
            "cpu",
            1,
            60,
            3600,
            0.1,
            TextTables.NONE);
    List<WorkerEvent> events = Collections.synchronizedList(new ArrayList<>());
    try (WorkerProcess worker = worker("latents")) {
      TrainResult result =
          result(worker.run(TrainJob.KIND, config, events::add), TrainResult.class);
      assertThat(result.finished()).isTrue();
      // Noise and data have a variance of one and two thirds: what guessing nothing costs.
      assertThat(result.loss()).isLessThan(1.6);
    }
    assertThat(events.stream().filter(e -> name(e).equals("progress")))
        .isNotEmpty()
        .allSatisfy(e ->
            assertThat(((WorkerEvent.FromJob) e).data().get("dataWaitShare").asDouble())
                .isBetween(0.0, 1.0));
  }

  @Test
  void pausesAtACheckpointGoesOnAndStops() throws Exception {
    Path shard = shard();
    List<String> names = Collections.synchronizedList(new ArrayList<>());
    try (WorkerProcess worker = worker("pause")) {
      TrainConfig config = training("pause", shard, 60, 1_000_000);
      CompletableFuture<JsonNode> job = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(() -> {
            try {
              job.complete(worker.run(TrainJob.KIND, config, e -> names.add(name(e))));
            } catch (IOException | InterruptedException | RuntimeException e) {
              job.completeExceptionally(e);
            }
          });
      awaitName(names, "progress");
      worker.pause();
      awaitName(names, "paused");
      worker.resume();
      awaitName(names, "resumed");
      worker.requestSnapshot();
      awaitName(names, "snapshot");
      worker.stop();
      TrainResult result = result(job.get(60, TimeUnit.SECONDS), TrainResult.class);
      assertThat(result.finished()).isFalse();
      assertThat(Path.of(result.weights())).isNotEmptyFile();
    }
  }

  @Test
  void evaluatesWeightsAndRefusesForeignOnes() throws Exception {
    Path shard = shard();
    try (WorkerProcess worker = worker("evaluate")) {
      TrainResult trained =
          result(
              worker.run(TrainJob.KIND, training("evaluate", shard, 60), _ -> {}),
              TrainResult.class);
      Path garbage = folder.resolve("garbage.safetensors");
      Files.write(garbage, new byte[100]);
      EvaluateConfig config =
          new EvaluateConfig(
              NETWORK.toProperties(),
              1,
              TrainingRecipe.shortRun(1, 1, 1).optimizer(),
              Map.of(
                  "ema",
                      new EvaluateConfig.Candidate(trained.weights(), EvaluateConfig.Part.WEIGHTS),
                  "raw", new EvaluateConfig.Candidate(trained.resume(), EvaluateConfig.Part.RESUME),
                  "garbage",
                      new EvaluateConfig.Candidate(
                          garbage.toString(), EvaluateConfig.Part.WEIGHTS)),
              Map.of(
                  "public",
                  new EvaluateConfig.HeldOutSet(
                      List.of(List.of(shard.toString())), List.of(shard.toString()))),
              64,
              11,
              1);
      EvaluateResult result =
          result(worker.run(EvaluateJob.KIND, config, _ -> {}), EvaluateResult.class);
      double initial = requireNonNull(result.initial().get("public"));
      assertThat(requireNonNull(result.candidates().get("ema")).losses().get("public"))
          .isLessThan(initial);
      assertThat(requireNonNull(result.candidates().get("raw")).losses().get("public"))
          .isLessThan(initial);
      assertThat(requireNonNull(result.candidates().get("raw")).finite()).isTrue();
      assertThat(requireNonNull(result.candidates().get("garbage")).refusal())
          .contains("garbage.safetensors");
      assertThat(result.baseline().get("public")).isLessThan(initial);
      MeasureConfig measure =
          new MeasureConfig(
              NETWORK.toProperties(),
              Optimizer.Rule.ADAMW,
              Precision.BFLOAT16,
              Recompute.ON,
              4,
              "cpu",
              1,
              0.2);
      assertThat(worker.run(MeasureJob.KIND, measure, _ -> {}).get("samplesPerSecond").asDouble())
          .isPositive();
    }
  }

  @Test
  void aProcessThatStaysIsUsedAgainUntilItIsClosed() throws Exception {
    List<WorkerEvent> events = new ArrayList<>();
    long last;
    try (WorkerProcess worker = new WorkerProcess(launch("stays").staying())) {
      long pid = worker.run("print", Map.of(), events::add).get("pid").asLong();
      assertThat(worker.pid()).contains(pid);
      assertThatThrownBy(() -> worker.run("refuse", Map.of(), events::add))
          .hasMessage("batch 0 is out of range");
      assertThat(worker.run("print", Map.of(), events::add).get("pid").asLong()).isEqualTo(pid);
      assertThat(events.stream().filter(WorkerEvent.Launched.class::isInstance)).hasSize(1);
      kill9(pid);
      Awaitility.await().until(() -> worker.pid().isEmpty());
      assertThat(worker.run("print", Map.of(), events::add).get("pid").asLong()).isNotEqualTo(pid);
      assertThat(events).noneMatch(WorkerEvent.Died.class::isInstance);
      last = worker.pid().orElseThrow();
    }
    Awaitility.await().until(() -> ProcessHandle.of(last).isEmpty());
  }

  @Test
  void aProcessThatStaysEndsWithAJobWhoseListenerFailed() throws Exception {
    try (WorkerProcess worker = new WorkerProcess(launch("listener").staying())) {
      assertThatThrownBy(() ->
              worker.run(
                  "wait",
                  Map.of(),
                  event -> {
                    if (name(event).equals("waiting")) {
                      throw new IllegalStateException("deaf");
                    }
                  }))
          .hasMessage("deaf");
      assertThat(worker.pid()).isEmpty();
      assertThat(worker.run("print", Map.of(), _ -> {}).get("pid").asLong()).isPositive();
    }
  }

  @Test
  void aProcessGoesWithItsJobUnlessItStays() throws Exception {
    try (WorkerProcess worker = worker("goes")) {
      worker.run("print", Map.of(), _ -> {});
      assertThat(worker.pid()).isEmpty();
    }
  }

  @Test
  void whatIsPrintedDoesNotCorruptThePipe() throws Exception {
    List<WorkerEvent> events = new ArrayList<>();
    try (WorkerProcess worker = worker("print")) {
      worker.run("print", Map.of(), events::add);
    }
    assertThat(events).extracting(WorkerProcessIT::name).contains("said");
    assertThat(folder.resolve("print.log")).content().contains("printed by Java", "and again");
  }

  @Test
  void theWorkersEnvironmentIsCleanButForWhatLibtorchNeeds() throws Exception {
    try (WorkerProcess worker = worker("environment")) {
      JsonNode environment = worker.run("environment", Map.of(), _ -> {});
      assertThat(environment.get("OMP_WAIT_POLICY").asString()).isEqualTo("passive");
      assertThat(environment.get("OMP_NUM_THREADS").asString()).isEqualTo("1");
      assertThat(environment.get("DJL_OFFLINE").asString()).isEqualTo("true");
      assertThat(environment.has("HOME")).isFalse();
      assertThat(environment.has("PATH")).isFalse();
    }
  }

  @Test
  void givesUpOnAJobThatKillsItsWorkerAgainAndAgain() {
    List<WorkerEvent> events = new ArrayList<>();
    try (WorkerProcess worker = worker("die")) {
      assertThatThrownBy(() -> worker.run("die", Map.of(), events::add))
          .isInstanceOfSatisfying(
              TrainerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.WORKER_DIED))
          .hasMessageContaining("died 3 times")
          .hasMessageContaining("exit code 9");
    }
    assertThat(events.stream().filter(WorkerEvent.Launched.class::isInstance)).hasSize(3);
  }

  @Test
  void aRefusedJobFailsOnceWithItsReason() {
    List<WorkerEvent> events = new ArrayList<>();
    try (WorkerProcess worker = worker("refuse")) {
      assertThatThrownBy(() -> worker.run("refuse", Map.of(), events::add))
          .isInstanceOfSatisfying(
              TrainerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_CONFIG))
          .hasMessage("batch 0 is out of range");
      assertThatThrownBy(() -> worker.run("dance", Map.of(), events::add))
          .hasMessageContaining("no job of kind 'dance'");
    }
  }

  @Test
  void theWorkerLeavesWhenItsParentsPipeCloses() throws Exception {
    Files.createDirectories(folder.resolve("orphan"));
    Process child = launch("orphan").processBuilder().start();
    Frames.read(child.getInputStream());
    child.getOutputStream().close();
    assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).isZero();
  }

  @Test
  void closingEndsARunningJob() throws Exception {
    WorkerProcess worker = worker("close");
    assertThatThrownBy(() ->
            worker.run(
                "wait",
                Map.of(),
                event -> {
                  if (name(event).equals("waiting")) {
                    worker.close();
                  }
                }))
        .isInstanceOfSatisfying(
            TrainerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.STOPPED));
    assertThat(worker.pid()).isEmpty();
  }

  private static boolean isCheckpointBefore(WorkerEvent event, int step) {
    return event instanceof WorkerEvent.FromJob(String name, JsonNode data)
        && name.equals("checkpoint")
        && data.get("step").asLong() < step;
  }

  private static void kill9(long pid) {
    try {
      new ProcessBuilder("kill", "-9", Long.toString(pid)).start().waitFor();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitName(List<String> names, String wanted) {
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> names.contains(wanted));
  }

  private static String name(WorkerEvent event) {
    return event instanceof WorkerEvent.FromJob(String name, JsonNode _) ? name : "";
  }

  private static <T> T result(JsonNode json, Class<T> type) {
    return Frames.JSON.treeToValue(json, type);
  }

  private Path shard() throws IOException {
    ImageSet images = BuiltInPictures.generate(40, 8, 1);
    Path shard = folder.resolve("train.tar");
    ShardWriter.writeSingle(images, shard);
    return shard;
  }

  private TrainConfig training(String name, Path shard, double checkpointSeconds) {
    return training(name, shard, checkpointSeconds, STEPS);
  }

  private TrainConfig training(String name, Path shard, double checkpointSeconds, long steps) {
    return new TrainConfig(
        NETWORK.toProperties(),
        TrainingRecipe.shortRun(steps, 16, 5),
        List.of(List.of(shard.toString())),
        List.of(),
        folder.resolve(name).toString(),
        TrainConfig.Start.fresh(1),
        0,
        Recompute.AUTO,
        "cpu",
        1,
        checkpointSeconds,
        3600,
        0.1,
        TextTables.NONE);
  }

  private WorkerProcess worker(String name) {
    return new WorkerProcess(launch(name));
  }

  private WorkerLaunch launch(String name) {
    return WorkerLaunch.sameJava(
            TestWorkerMain.class, folder.resolve(name), folder.resolve(name + ".log"), 1)
        .withJvmOptions(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"))
        .withRestarts(Duration.ofMillis(50), Duration.ofMillis(200), 3);
  }
}
