package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.skerry.board.BoardException;
import org.skerry.board.document.Recipe;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.trust.JudgedManifest;
import org.skerry.board.trust.Judgement;
import org.skerry.diffusion.GrownHead;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.NodeException;
import org.skerry.node.estimate.Estimates;
import org.skerry.node.estimate.UnitEstimate;
import org.skerry.node.estimate.UnitPlan;
import org.skerry.node.event.Event;
import org.skerry.node.event.EventSink;
import org.skerry.node.task.Networks;
import org.skerry.node.task.Units;
import org.skerry.trainer.training.Recompute;
import org.skerry.trainer.worker.WorkerEvent;
import org.skerry.trainer.worker.WorkerProcess;
import org.skerry.trainer.worker.job.TrainConfig;
import org.skerry.trainer.worker.job.TrainJob;
import org.skerry.transfer.BlobId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Trains one unit in the worker, from the data to the last manifest. {@link #run} blocks; what it
 * has reached may be read from any thread.
 */
final class UnitTrainer {
  private static final int SPEED_SECONDS = 20;
  private static final Logger LOG = LoggerFactory.getLogger(UnitTrainer.class);
  private static final double PROGRESS_SECONDS = 1;
  private static final long PUBLISH_LIMIT_MINUTES = 30;

  private final PeerStack stack;
  private final Path workFolder;
  private final Task task;
  private final Unit unit;
  private final String name;
  private final WorkerProcess worker;
  private final Estimates estimates;
  private final UnitPlan plan;
  private final EventSink events;
  private final ExecutorService publisher =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("publish").factory());

  private volatile long step;
  private volatile double loss;
  private volatile double samplesPerSecond;
  // Owned by the thread that hears the worker.
  private double speedSum;
  private int speedSeconds;
  private int badSamples;
  private volatile boolean stepping;
  private volatile long safeAtNanos;
  private volatile boolean fetching = true;
  private volatile Optional<Cid> finalManifest = Optional.empty();
  private final UnitData.Fetched fetched = new UnitData.Fetched();
  private volatile Optional<SignedDocument<WeightManifest>> newest = Optional.empty();

  UnitTrainer(
      PeerStack stack,
      Path workFolder,
      Task task,
      Unit unit,
      WorkerProcess worker,
      Estimates estimates,
      UnitPlan plan,
      EventSink events) {
    this.stack = stack;
    this.workFolder = workFolder.resolve(task.id().toString()).resolve(Units.nameOf(unit));
    this.task = task;
    this.unit = unit;
    this.name = Units.nameOf(unit);
    this.worker = worker;
    this.estimates = estimates;
    this.plan = plan;
    this.events = events;
  }

  Unit unit() {
    return unit;
  }

  long step() {
    return step;
  }

  double loss() {
    return loss;
  }

  double samplesPerSecond() {
    return samplesPerSecond;
  }

  /** How much of what it starts from has come. */
  long fetchedBytes() {
    return fetched.bytes();
  }

  /** The last weights that were published. */
  Optional<SignedDocument<WeightManifest>> newest() {
    return newest;
  }

  /** Whether it still waits for what it starts from. */
  boolean isFetching() {
    return fetching;
  }

  /** Whether no step is being made, and the last one is in a checkpoint on the disk. */
  boolean isResting() {
    return !stepping;
  }

  /** How many seconds of work a crash would cost now. */
  double atRiskSeconds() {
    return stepping ? (System.nanoTime() - safeAtNanos) / 1e9 : 0;
  }

  /** The manifest that ended the recipe, once it is published. */
  Optional<Cid> finalManifest() {
    return finalManifest;
  }

  /** Where a run starts. */
  private record Origin(Optional<Cid> parent, TrainConfig.Start start) {}

  /**
   * Trains until the recipe is finished or the worker is stopped.
   *
   * @param newest the accepted manifest with the most steps, anybody's
   * @param smaller an accepted router of fewer partitions, to begin a router with that has no
   *     accepted manifest yet
   */
  void run(Optional<JudgedManifest> newest, Optional<JudgedManifest> smaller)
      throws IOException, NodeException, InterruptedException {
    try (Blobs.Hold hold = stack.blobs().hold()) {
      Blobs blobs = stack.blobs();
      List<PeerId> likely = List.of(task.publisher());
      UnitData data = UnitData.fetch(blobs, unit.indexBlob(), likely, hold, fetched);
      UnitData validation = UnitData.fetch(blobs, unit.validationBlob(), likely, hold, fetched);
      List<String> texts = new ArrayList<>(data.texts());
      texts.addAll(validation.texts());
      Recipe recipe = task.manifest().recipeOf(unit);
      UnitFolder folder = new UnitFolder(workFolder);
      Origin origin = origin(newest, smaller, folder, recipe);
      step = origin.start().step();
      UnitEstimate estimate = estimates.of(plan);
      TrainConfig config =
          new TrainConfig(
              Networks.of(task.manifest(), unit).toProperties(),
              Units.recipe(recipe),
              data.shards(),
              validation.shards(),
              folder.folderOf(origin.parent()).toString(),
              origin.start(),
              Math.max(1, estimate.microBatch()),
              estimate.recomputes() ? Recompute.ON : estimates.machine().recompute(),
              estimates.machine().device(),
              estimates.machine().threads(),
              recipe.checkpointIntervalMs() / 1e3,
              recipe.manifestIntervalMs() / 1e3,
              PROGRESS_SECONDS,
              Units.texts(task.manifest(), texts));
      fetching = false;
      worker.run(TrainJob.KIND, config, event -> hear(event, origin.parent()));
    } finally {
      fetching = false;
      stepping = false;
      publisher.shutdown();
      publisher.awaitTermination(PUBLISH_LIMIT_MINUTES, TimeUnit.MINUTES);
    }
  }

  /** This node's own checkpoint when it is the furthest, else the network's, else the beginning. */
  private Origin origin(
      Optional<JudgedManifest> newest,
      Optional<JudgedManifest> smaller,
      UnitFolder folder,
      Recipe recipe)
      throws IOException {
    Optional<UnitFolder.Line> own = folder.furthest();
    long accepted = newest.map(judged -> judged.manifest().document().step()).orElse(0L);
    if (own.isPresent() && own.get().step() >= accepted) {
      // The trainer finds the checkpoint; the start only has to be the same as then.
      Optional<Cid> parent = own.get().parent();
      Path line = folder.folderOf(parent);
      return new Origin(parent, StartFile.read(line, recipe.seed()));
    }
    Origin origin =
        newest.isPresent()
            ? takeOver(newest.get())
            : smaller.isPresent() ? grown(smaller.get(), folder, recipe) : fresh(recipe);
    StartFile.write(folder.folderOf(origin.parent()), origin.start());
    return origin;
  }

  private static Origin fresh(Recipe recipe) {
    return new Origin(Optional.empty(), TrainConfig.Start.fresh(recipe.seed()));
  }

  private Origin takeOver(JudgedManifest judged) throws IOException {
    SignedDocument<WeightManifest> signed = judged.manifest();
    WeightManifest manifest = signed.document();
    List<PeerId> likely = List.of(manifest.peer(), task.publisher());
    boolean resumable =
        judged.judgement() instanceof Judgement.Accepted accepted && accepted.resumable();
    Path weights = weights(new BlobId(manifest.weights()), likely);
    Optional<Path> resume = Optional.empty();
    if (resumable && manifest.resume().isPresent()) {
      resume = Optional.of(weights(new BlobId(manifest.resume().get()), likely));
    }
    events.record(
        new Event.TakeOver(
            task.id().toString(),
            name,
            signed.id().toString(),
            manifest.peer().toString(),
            manifest.step()));
    return new Origin(
        Optional.of(signed.id()),
        new TrainConfig.Start(
            task.manifest().recipeOf(unit).seed(),
            weights.toString(),
            resume.map(Path::toString).orElse(null),
            resume.isPresent() ? 0 : manifest.step()));
  }

  /** Begins with the weights of a router that knows fewer partitions. */
  private Origin grown(JudgedManifest smaller, UnitFolder folder, Recipe recipe)
      throws IOException {
    WeightManifest manifest = smaller.manifest().document();
    BlobId blob = new BlobId(manifest.weights());
    try {
      Path weights =
          stack.blobs().fetch(blob, List.of(manifest.peer(), task.publisher()), fetched.ofNext());
      stack.noteWeights(blob, manifest.task());
      Map<String, HostTensor> tensors =
          GrownHead.of(
              Network.of(Networks.of(task.manifest(), unit)),
              Safetensors.map(weights).tensors(),
              recipe.seed());
      Optional<Cid> parent = Optional.of(smaller.manifest().id());
      Path line = Files.createDirectories(folder.folderOf(parent));
      Path file = line.resolve("grown.safetensors");
      new Safetensors(tensors, Map.of()).write(file);
      LOG.info("{} begins with the weights of {}", name, smaller.manifest().id());
      return new Origin(parent, new TrainConfig.Start(recipe.seed(), file.toString(), null, 0));
    } catch (IllegalArgumentException | IOException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e;
      }
      LOG.warn("{} begins anew, the router before it is of no use: {}", name, e.getMessage());
      return fresh(recipe);
    }
  }

  private Path weights(BlobId blob, List<PeerId> likely) throws IOException {
    Path file = stack.blobs().fetch(blob, likely, fetched.ofNext());
    stack.noteWeights(blob, task.id());
    return file;
  }

  private void hear(WorkerEvent event, Optional<Cid> parent) {
    switch (event) {
      case WorkerEvent.Launched launched -> {
        stepping = false;
        events.record(new Event.WorkerStarted(launched.pid(), "train " + name));
      }
      case WorkerEvent.Died died -> {
        LOG.warn("worker {} {}", died.pid(), died.how());
        events.record(new Event.WorkerLost(died.pid(), died.how()));
      }
      case WorkerEvent.FromJob(String kind, JsonNode data) -> {
        switch (kind) {
          case "progress" -> progress(data);
          case "checkpoint" -> {
            safeAtNanos = System.nanoTime();
            events.record(new Event.Checkpoint(name, data.path("step").asLong()));
          }
          case "rolled-back" -> {
            LOG.warn("{}: {}", name, data.path("reason").asString());
            events.record(
                new Event.RolledBack(name, data.path("from").asLong(), data.path("step").asLong()));
          }
          case "started", "resumed" -> {
            safeAtNanos = System.nanoTime();
            stepping = true;
          }
          case "paused" -> stepping = false;
          case "snapshot" -> publisher.execute(() -> publish(data, parent));
          default -> LOG.debug("worker: {} {}", kind, data);
        }
      }
    }
  }

  private void progress(JsonNode data) {
    step = data.path("step").asLong();
    loss = data.path("loss").asDouble();
    samplesPerSecond = data.path("samplesPerSecond").asDouble();
    double dataWaitShare = data.path("dataWaitShare").asDouble();
    events.record(new Event.Step(name, step, loss, samplesPerSecond, dataWaitShare));
    int bad = data.path("badSamples").asInt();
    if (bad > badSamples) {
      LOG.warn("{}: {} samples cannot be decoded", name, bad);
      events.record(new Event.BadSamples(name, bad));
      badSamples = bad; // a worker that starts again counts again
    }
    refreshEstimate();
  }

  /** Real training knows better than a short measurement; a single second does not. */
  private void refreshEstimate() {
    speedSum += samplesPerSecond;
    if (++speedSeconds == SPEED_SECONDS) {
      estimates.observe(plan, speedSum / speedSeconds);
      speedSum = 0;
      speedSeconds = 0;
    }
  }

  /** Durable before announced: the blobs first, then the manifest that names them. */
  private void publish(JsonNode snapshot, Optional<Cid> parent) {
    Path weightsFile = Path.of(snapshot.path("weights").asString());
    Path resumeFile = Path.of(snapshot.path("resume").asString());
    try {
      BlobId weights = stack.blobs().add(weightsFile);
      BlobId rounded = new RoundedWeights(stack, workFolder).add(weightsFile, task.id());
      BlobId resume = stack.blobs().add(resumeFile);
      stack.noteWeights(weights, task.id());
      stack.noteWeights(resume, task.id());
      boolean last = snapshot.path("last").asBoolean();
      Signer.Weights said =
          new Signer.Weights(
              snapshot.path("step").asLong(),
              snapshot.path("samples").asLong(),
              parent,
              weights.cid(),
              Optional.of(rounded.cid()),
              resume.cid(),
              snapshot.path("trainingLoss").asDouble(Double.NaN),
              snapshot.path("validationLoss").asDouble(Double.NaN),
              estimates.machine().software(),
              last);
      SignedDocument<WeightManifest> manifest = stack.signer().manifest(task, unit.index(), said);
      post(manifest);
      newest = Optional.of(manifest);
      if (last) {
        finalManifest = Optional.of(manifest.id());
      }
      events.record(
          new Event.ManifestPublished(
              task.id().toString(),
              name,
              manifest.id().toString(),
              parent.map(Cid::toString).orElse(""),
              said.step(),
              said.trainLoss(),
              said.validationLoss(),
              last));
      Files.deleteIfExists(weightsFile);
      Files.deleteIfExists(resumeFile);
    } catch (IOException e) {
      LOG.warn("step {} of {} was not published", snapshot.path("step"), name, e);
    }
  }

  private void post(SignedDocument<WeightManifest> manifest) {
    try {
      stack.boards().post(task, manifest);
    } catch (BoardException e) {
      LOG.warn("manifest of {} waits for the next write: {}", name, e.getMessage());
    }
  }
}
