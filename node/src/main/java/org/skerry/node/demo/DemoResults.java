package org.skerry.node.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.board.document.UnitKind;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.event.Event;
import org.skerry.node.event.LoggedEvent;
import org.skerry.node.home.AtomicFile;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.report.Measures;
import org.skerry.node.report.ReportPage;
import org.skerry.node.report.RunStory;
import org.skerry.node.study.StudyConfig;
import org.skerry.node.study.StudyJob;
import org.skerry.node.study.StudyResult;
import org.skerry.node.task.ShardIndex;
import org.skerry.node.task.TaskFolder;
import org.skerry.node.worker.Workers;
import org.skerry.router.RoutingHistogram;
import org.skerry.trainer.worker.WorkerProcess;
import org.skerry.transfer.BlobId;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Measures what came out of a run, and writes it down. */
final class DemoResults {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final int SAMPLES = 224;
  private static final int STEPS = 25;
  private static final int COLUMNS = 20;

  private final DemoOptions options;
  private final Task task;
  private final Watch watch;
  private final TaskFolder folder;
  private final SkerryHome consumer;

  DemoResults(DemoOptions options, Task task, Watch watch, Path taskFolder, SkerryHome consumer) {
    this.options = options;
    this.task = task;
    this.watch = watch;
    this.folder = new TaskFolder(taskFolder);
    this.consumer = consumer;
  }

  /** Writes {@code grid.png}, {@code demo.json} and {@code report.html}. */
  void write(
      Stage stage,
      DoubleSupplier seconds,
      double trainSeconds,
      @Nullable String victim,
      @Nullable String victimUnit,
      Optional<String> liar)
      throws IOException, InterruptedException {
    stage.say("Sampling, and measuring on images that no expert has seen.");
    Path out = options.out().toAbsolutePath();
    PulledEnsemble pulled = PulledEnsemble.read(out.resolve("ensemble.json"));
    StudyResult study = study(out);
    watch.poll();
    Measures measures =
        measures(study, pulled, seconds.getAsDouble(), trainSeconds, victim, victimUnit, liar);
    AtomicFile.write(out.resolve("demo.json"), JSON.writeValueAsBytes(measures));
    String page =
        new ReportPage(
                RunStory.of(watch.events()), measures, Files.readAllBytes(out.resolve("grid.png")))
            .html();
    AtomicFile.write(out.resolve("report.html"), page.getBytes(StandardCharsets.UTF_8));
  }

  private StudyResult study(Path out) throws IOException, InterruptedException {
    List<List<String>> training = new ArrayList<>();
    List<List<String>> heldOut = new ArrayList<>();
    for (Unit unit : task.units()) {
      if (unit.kind() == UnitKind.EXPERT) {
        training.add(tars(folder.blobs(), unit.indexBlob()));
        List<String> unseen = new ArrayList<>(tars(folder.blobs(), unit.validationBlob()));
        unseen.addAll(tars(folder.secret(), unit.secretHash()));
        heldOut.add(unseen);
      }
    }
    int threads = Runtime.getRuntime().availableProcessors();
    StudyConfig config =
        new StudyConfig(
            out.resolve("ensemble.json").toString(),
            consumer.fetched().toString(),
            training,
            heldOut,
            List.of("top-1", "top-2", "full"),
            STEPS,
            SAMPLES,
            1,
            COLUMNS,
            threads,
            out.resolve("grid.png").toString());
    try (WorkerProcess worker =
        Workers.create(consumer.work(), consumer.logs().resolve("worker.log"), threads)) {
      return JSON.treeToValue(worker.run(StudyJob.KIND, config, event -> {}), StudyResult.class);
    }
  }

  private static List<String> tars(Path blobs, Cid index) throws IOException {
    byte[] bytes = Files.readAllBytes(blobs.resolve(new BlobId(index).toString()));
    return ShardIndex.decode(bytes).shards().stream()
        .map(shard -> blobs.resolve(shard.blob().toString()).toAbsolutePath().toString())
        .toList();
  }

  private Measures measures(
      StudyResult study,
      PulledEnsemble pulled,
      double seconds,
      double trainSeconds,
      @Nullable String victim,
      @Nullable String victimUnit,
      Optional<String> liar) {
    Optional<LoggedEvent> takeOver =
        victimUnit == null ? Optional.empty() : watch.takeOver(victimUnit);
    Optional<Event.TakeOver> over = takeOver.map(logged -> (Event.TakeOver) logged.event());
    Optional<String> last =
        takeOver.flatMap(logged ->
            watch.lastAccepted(
                ((Event.TakeOver) logged.event()).author(),
                ((Event.TakeOver) logged.event()).unit(),
                logged.atMs()));
    List<String> units = study.partitions().stream().map(k -> "expert-" + k).toList();
    return new Measures(
        task.id().toString(),
        options.images(),
        seconds,
        trainSeconds,
        units,
        task.manifest().clustering().sizes(),
        study.matrix(),
        study.gaussian(),
        isBelowGaussian(study),
        study.diagonalDominant(),
        study.routerAccuracy().overall(),
        study.routerAccuracy().byTime(),
        study.routerAccuracy().prior(),
        routing(study),
        study.frechet().getOrDefault("full", Double.NaN),
        study.frechet().getOrDefault("top-1", Double.NaN),
        study.frechet().getOrDefault("top-2", Double.NaN),
        study.frechetUntrained(),
        study.frechetGaussian(),
        study.frechetReal(),
        manifests(pulled),
        over.map(Event.TakeOver::parent).orElse(null),
        victim,
        last.orElse(null),
        liar.orElse(null),
        liar.map(peer -> refusalsOf(peer) > 0).orElse(null),
        liar.map(this::refusalsOf).orElse(null));
  }

  private static boolean isBelowGaussian(StudyResult study) {
    for (int k = 0; k < study.matrix().size(); k++) {
      if (!(study.matrix().get(k).get(k) < study.gaussian().get(k))) {
        return false;
      }
    }
    return true;
  }

  /** Who led each image at the level nearest to data. */
  private static Map<String, Long> routing(StudyResult study) {
    Map<String, Long> out = new LinkedHashMap<>();
    if (!study.routing().isEmpty()) {
      RoutingHistogram.Level level = study.routing().getLast();
      for (int k = 0; k < level.leading().size(); k++) {
        out.put("expert-" + k, level.leading().get(k));
      }
    }
    return out;
  }

  private static Map<String, String> manifests(PulledEnsemble pulled) {
    Map<String, String> out = new LinkedHashMap<>();
    pulled.experts().forEach(m -> out.put("expert-" + m.partition(), m.manifest()));
    pulled.routerIfPresent().ifPresent(m -> out.put("router", m.manifest()));
    return out;
  }

  private long refusalsOf(String liar) {
    return watch.events().stream()
        .filter(logged -> logged.event() instanceof Event.Refused r && r.peer().equals(liar))
        .count();
  }
}
