package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.skerry.board.document.Measurements;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.board.document.UnitKind;
import org.skerry.board.document.WeightManifest;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.NodeException;
import org.skerry.node.task.Networks;
import org.skerry.node.task.Units;
import org.skerry.node.worker.EvaluateAllJob;
import org.skerry.trainer.worker.WorkerProcess;
import org.skerry.trainer.worker.job.EvaluateConfig;
import org.skerry.trainer.worker.job.EvaluateResult;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.store.BlobStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Measures manifests, whose weights are here, in a worker: turns losses into numbers to sign. */
final class Meter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Meter.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MAX_IMAGES = 192;
  private static final String PUBLIC = "public";
  private static final String SECRET = "secret";
  private static final String EMA = "/ema";
  private static final String RAW = "/raw";

  private final PeerStack stack;
  private final Secrets secrets;
  private final RoundedWeights rounded;
  private final WorkerProcess worker;
  private final int threads;

  /**
   * @param folder for files of its own
   */
  Meter(PeerStack stack, Secrets secrets, Path folder, WorkerProcess worker, int threads) {
    this.stack = stack;
    this.secrets = secrets;
    this.rounded = new RoundedWeights(stack, folder);
    this.worker = worker;
    this.threads = threads;
  }

  /** Manifests of one unit. */
  record Order(Unit unit, List<SignedDocument<WeightManifest>> manifests) {
    Order {
      manifests = List.copyOf(manifests);
    }
  }

  /**
   * What came out for one manifest.
   *
   * @param content names the tensors of the averaged weights, however their file spells them; empty
   *     when it cannot be read
   */
  record Reading(Measurements numbers, Optional<String> content) {}

  /**
   * Measures all {@code orders} in one process. Their weights are here.
   *
   * @return by manifest id; what could not be fetched or read now is missing
   */
  Map<Cid, Reading> measure(Task task, List<Order> orders) throws InterruptedException {
    try (Blobs.Hold hold = stack.blobs().hold()) {
      return measure(task, orders, hold);
    }
  }

  private Map<Cid, Reading> measure(Task task, List<Order> orders, Blobs.Hold hold)
      throws InterruptedException {
    List<Order> ready = new ArrayList<>();
    List<EvaluateConfig> configs = new ArrayList<>();
    for (Order order : orders) {
      try {
        Optional<EvaluateConfig> config = config(task, order, hold);
        if (config.isPresent()) {
          ready.add(order);
          configs.add(config.get());
        }
      } catch (IOException | NodeException e) {
        LOG.warn("{} cannot be measured now: {}", Units.nameOf(order.unit()), e.getMessage());
      }
    }
    Map<Cid, Reading> out = new HashMap<>();
    if (configs.isEmpty()) {
      return out;
    }
    try {
      JsonNode json =
          worker.run(EvaluateAllJob.KIND, new EvaluateAllJob.Config(configs), event -> {});
      EvaluateAllJob.Result result = JSON.treeToValue(json, EvaluateAllJob.Result.class);
      for (int i = 0; i < ready.size(); i++) {
        for (SignedDocument<WeightManifest> manifest : ready.get(i).manifests()) {
          Optional<String> content =
              Optional.ofNullable(configs.get(i).candidates().get(manifest.id() + EMA))
                  .map(candidate -> result.contents().get(candidate.file()));
          Optional<Measurements> numbers = read(result.results().get(i), manifest);
          if (numbers.isPresent()) {
            out.put(manifest.id(), new Reading(checked(numbers.get(), manifest, task), content));
          }
        }
      }
    } catch (IOException | JacksonException e) {
      LOG.warn("the measurement failed: {}", e.getMessage(), e);
    }
    return out;
  }

  /**
   * Weights count for nothing whose author gives something else to who wants them rounded, or says
   * that the recipe ends before it does: accepted, they would finish their unit.
   */
  private Measurements checked(
      Measurements numbers, SignedDocument<WeightManifest> manifest, Task task) throws IOException {
    WeightManifest said = manifest.document();
    long steps = task.manifest().recipeOf(task.unit(said.unit())).steps();
    if (said.last() && said.step() < steps) {
      LOG.warn(
          "{} of {} ends its recipe at step {} of {}",
          manifest.id(),
          manifest.signer(),
          said.step(),
          steps);
    } else if (rounded.areAsNamed(said)) {
      return numbers;
    } else {
      LOG.warn(
          "the bfloat16 weights that {} of {} names are not its weights rounded",
          manifest.id(),
          manifest.signer());
    }
    return new Measurements(
        Double.NaN,
        Double.NaN,
        numbers.rawPublicLoss(),
        numbers.rawSecretLoss(),
        numbers.gaussianLoss(),
        numbers.initialLoss(),
        Double.NaN,
        numbers.resumeStateFinite(),
        Optional.empty());
  }

  private Optional<EvaluateConfig> config(Task task, Order order, Blobs.Hold hold)
      throws IOException, NodeException {
    Unit unit = order.unit();
    Optional<UnitData> secret = secrets.of(task, unit);
    if (secret.isEmpty()) {
      LOG.warn(
          "task {} names this node as an evaluator, but {}'s held-out shard is not to be had yet",
          task.name(),
          Units.nameOf(unit));
      return Optional.empty();
    }
    Map<String, EvaluateConfig.Candidate> candidates = new LinkedHashMap<>();
    for (SignedDocument<WeightManifest> manifest : order.manifests()) {
      try {
        add(candidates, manifest);
      } catch (IOException e) {
        LOG.info("weights of {} are not to be had: {}", manifest.id(), e.getMessage());
      }
    }
    if (candidates.isEmpty()) {
      return Optional.empty();
    }
    List<PeerId> likely = List.of(task.publisher());
    List<String> training =
        unit.kind() == UnitKind.ROUTER
            ? List.of()
            : UnitData.fetch(stack.blobs(), unit.indexBlob(), likely, hold).shards().getFirst();
    Map<String, EvaluateConfig.HeldOutSet> heldOut = new LinkedHashMap<>();
    UnitData open = UnitData.fetch(stack.blobs(), unit.validationBlob(), likely, hold);
    heldOut.put(PUBLIC, heldOut(task, open, training));
    heldOut.put(SECRET, heldOut(task, secret.get(), training));
    return Optional.of(
        new EvaluateConfig(
            Networks.of(task.manifest(), unit).toProperties(),
            task.manifest().recipeOf(unit).seed(),
            Units.optimizer(task.manifest().recipeOf(unit)),
            candidates,
            heldOut,
            MAX_IMAGES,
            task.id().hashCode(),
            threads));
  }

  private static EvaluateConfig.HeldOutSet heldOut(
      Task task, UnitData data, List<String> training) {
    return new EvaluateConfig.HeldOutSet(
        data.shards(), training, Units.texts(task.manifest(), data.texts()));
  }

  private void add(
      Map<String, EvaluateConfig.Candidate> candidates, SignedDocument<WeightManifest> manifest)
      throws IOException {
    BlobStore store = stack.blobs().store();
    Path weights = store.path(new BlobId(manifest.document().weights()));
    Optional<Path> resume = Optional.empty();
    if (manifest.document().resume().isPresent()) {
      resume = Optional.of(store.path(new BlobId(manifest.document().resume().get())));
    }
    String name = manifest.id().toString();
    candidates.put(
        name + EMA, new EvaluateConfig.Candidate(weights.toString(), EvaluateConfig.Part.WEIGHTS));
    resume.ifPresent(file ->
        candidates.put(
            name + RAW, new EvaluateConfig.Candidate(file.toString(), EvaluateConfig.Part.RESUME)));
  }

  /** Empty when the manifest was not among those measured. */
  private static Optional<Measurements> read(
      EvaluateResult result, SignedDocument<WeightManifest> manifest) {
    EvaluateResult.Measured ema = result.candidates().get(manifest.id() + EMA);
    if (ema == null) {
      return Optional.empty();
    }
    EvaluateResult.Measured raw = result.candidates().get(manifest.id() + RAW);
    return Optional.of(
        new Measurements(
            loss(ema, PUBLIC),
            loss(ema, SECRET),
            raw == null ? Double.NaN : loss(raw, PUBLIC),
            raw == null ? Double.NaN : loss(raw, SECRET),
            result.baseline().getOrDefault(SECRET, Double.NaN),
            result.initial().getOrDefault(SECRET, Double.NaN),
            Double.NaN,
            raw != null && raw.refusal() == null && raw.finite(),
            Optional.empty()));
  }

  private static double loss(EvaluateResult.Measured measured, String set) {
    return measured.losses().getOrDefault(set, Double.NaN);
  }

  /** Whether to wait, before the next weights are measured, until further notice. */
  void pause(boolean paused) {
    if (paused) {
      worker.pause();
    } else {
      worker.resume();
    }
  }

  @Override
  public void close() {
    worker.close();
  }
}
