package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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
import org.skerry.transfer.fetch.Progress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Measures manifests in a worker: fetches what they name, and turns losses into numbers to sign.
 */
final class Meter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Meter.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration FETCH_LIMIT = Duration.ofSeconds(30);
  private static final int MAX_IMAGES = 192;
  private static final String PUBLIC = "public";
  private static final String SECRET = "secret";
  private static final String EMA = "/ema";
  private static final String RAW = "/raw";

  private final PeerStack stack;
  private final Secrets secrets;
  private final WorkerProcess worker;
  private final int threads;

  Meter(PeerStack stack, Secrets secrets, WorkerProcess worker, int threads) {
    this.stack = stack;
    this.secrets = secrets;
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
   * Measures all {@code orders} in one process.
   *
   * @return by manifest id; what could not be fetched or read now is missing
   */
  Map<Cid, Measurements> measure(Task task, List<Order> orders) throws InterruptedException {
    List<Order> ready = new ArrayList<>();
    List<EvaluateConfig> configs = new ArrayList<>();
    for (Order order : orders) {
      try {
        Optional<EvaluateConfig> config = config(task, order);
        if (config.isPresent()) {
          ready.add(order);
          configs.add(config.get());
        }
      } catch (IOException | NodeException e) {
        LOG.warn("{} cannot be measured now: {}", Units.nameOf(order.unit()), e.getMessage());
      }
    }
    Map<Cid, Measurements> out = new HashMap<>();
    if (configs.isEmpty()) {
      return out;
    }
    try {
      JsonNode json =
          worker.run(EvaluateAllJob.KIND, new EvaluateAllJob.Config(configs), event -> {});
      List<EvaluateResult> results = JSON.treeToValue(json, EvaluateAllJob.Result.class).results();
      for (int i = 0; i < ready.size(); i++) {
        for (SignedDocument<WeightManifest> manifest : ready.get(i).manifests()) {
          read(results.get(i), manifest).ifPresent(m -> out.put(manifest.id(), m));
        }
      }
    } catch (IOException | JacksonException e) {
      LOG.warn("the measurement failed: {}", e.getMessage(), e);
    }
    return out;
  }

  private Optional<EvaluateConfig> config(Task task, Order order)
      throws IOException, NodeException {
    Unit unit = order.unit();
    Optional<List<List<String>>> secret = secrets.of(task, unit);
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
        add(candidates, task, manifest);
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
            : UnitData.fetch(stack.blobs(), unit.indexBlob(), likely).getFirst();
    Map<String, EvaluateConfig.HeldOutSet> heldOut = new LinkedHashMap<>();
    heldOut.put(
        PUBLIC,
        new EvaluateConfig.HeldOutSet(
            UnitData.fetch(stack.blobs(), unit.validationBlob(), likely), training));
    heldOut.put(SECRET, new EvaluateConfig.HeldOutSet(secret.get(), training));
    return Optional.of(
        new EvaluateConfig(
            Networks.of(task.manifest(), unit).toProperties(),
            task.manifest().recipeOf(unit).seed(),
            candidates,
            heldOut,
            MAX_IMAGES,
            task.id().hashCode(),
            threads));
  }

  private void add(
      Map<String, EvaluateConfig.Candidate> candidates,
      Task task,
      SignedDocument<WeightManifest> manifest)
      throws IOException {
    PeerId author = manifest.signer();
    Path weights = fetch(task, new BlobId(manifest.document().weights()), author);
    Optional<Path> resume = Optional.empty();
    if (manifest.document().resume().isPresent()) {
      resume = Optional.of(fetch(task, new BlobId(manifest.document().resume().get()), author));
    }
    String name = manifest.id().toString();
    candidates.put(
        name + EMA, new EvaluateConfig.Candidate(weights.toString(), EvaluateConfig.Part.WEIGHTS));
    resume.ifPresent(file ->
        candidates.put(
            name + RAW, new EvaluateConfig.Candidate(file.toString(), EvaluateConfig.Part.RESUME)));
  }

  private Path fetch(Task task, BlobId blob, PeerId author) throws IOException {
    Path file = stack.blobs().fetch(blob, List.of(author), Progress.Listener.NONE, FETCH_LIMIT);
    stack.noteWeights(blob, task);
    return file;
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

  @Override
  public void close() {
    worker.close();
  }
}
