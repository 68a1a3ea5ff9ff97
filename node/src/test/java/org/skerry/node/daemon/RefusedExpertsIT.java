package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.board.Refusal;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.trust.JudgedManifest;
import org.skerry.board.trust.Judgement;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.safetensors.ElementType;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.libp2p.testing.SimulatedNetwork;
import org.skerry.node.ensemble.Inspection;
import org.skerry.node.ensemble.LoadedEnsemble;
import org.skerry.node.ensemble.LocalBlobs;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.ensemble.Puller;
import org.skerry.node.estimate.Estimates;
import org.skerry.node.estimate.SpeedBook;
import org.skerry.node.estimate.UnitPlan;
import org.skerry.node.event.Event;
import org.skerry.node.task.Networks;
import org.skerry.trainer.training.Recompute;
import org.skerry.trainer.worker.WorkerProcess;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.fetch.Progress;

/** Whoever signs bad weights is refused by what the evaluator measures, and named with a reason. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class RefusedExpertsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final long STEPS = 400;
  private static final long SEED = 7;

  @TempDir Path folder;

  private final Random random = new Random(SEED);
  private final SimulatedNetwork network = new SimulatedNetwork(1);
  private final Map<String, SignedDocument<WeightManifest>> posted = new LinkedHashMap<>();
  private TestPeer publisher;
  private TestPeer volunteer;
  private TestPeer attacker;
  private TestPeer consumer;
  private Task task;
  private Secrets secrets;

  @BeforeEach
  void publishATask() throws Exception {
    publisher = peer(1, "publisher");
    volunteer = peer(2, "volunteer").join(publisher);
    attacker = peer(3, "attacker").join(publisher);
    consumer = peer(4, "consumer").join(publisher);
    secrets = Secrets.open(publisher.stack(), publisher.home().resolve("secrets"));
    task =
        new PublishedTasks(
                publisher.stack(),
                publisher.home().resolve("tasks"),
                secrets,
                publisher.events()::add)
            .publish(TinyTask.of(STEPS).create(folder.resolve("made"), publisher.key()));
  }

  private TestPeer peer(int number, String name) throws IOException {
    return new TestPeer(network, TestPeer.key(number), folder.resolve(name));
  }

  @AfterEach
  void close() throws Exception {
    secrets.close();
    for (TestPeer peer : List.of(consumer, attacker, volunteer, publisher)) {
      peer.close();
    }
    network.close();
  }

  @Test
  void whatTheEvaluatorMeasuresDecidesAndNothingElseIsPulled() throws Exception {
    Unit first = task.manifest().expertUnit(0);
    Unit second = task.manifest().expertUnit(1);
    Unit router = task.manifest().routerUnit().orElseThrow();
    train(first);
    post("nobody has its blob", first, absent());
    try (Running evaluator = evaluate()) {
      awaitVerdict(manifestOf(volunteer, first));
      assertThat(judgement(first, manifestOf(volunteer, first)))
          .isInstanceOf(Judgement.Accepted.class);

      Path honest = weights(first);
      post("noise", first, add(noise(first)));
      post("NaN", first, add(notANumber(first)));
      post("untrained", first, add(initial(first)));
      post("same unit, spelled anew", first, add(spelledAnew(honest)));
      post("copy", second, blob(honest));
      post("spelled anew", second, add(spelledAnew(honest)));
      post("truncated", second, add(half(honest)));
      post("other shapes", second, add(initial(router)));
      post("header longer than file", router, add(longHeader()));
      post("ends too soon", router, add(initial(router)), Optional.empty(), STEPS - 1);
      post("overflows", router, add(filled(router, 1e30f)));
      train(second);
      awaitVerdict(manifestOf(volunteer, second));
      posted.forEach(this::awaitVerdictUnlessAbsent);

      assertThat(refusal("noise")).isEqualTo(Refusal.WORSE_THAN_GAUSSIAN);
      assertThat(refusal("NaN")).isEqualTo(Refusal.NOT_FINITE);
      assertThat(refusal("untrained")).isEqualTo(Refusal.WORSE_THAN_GAUSSIAN);
      assertThat(refusal("same unit, spelled anew")).isEqualTo(Refusal.COPY);
      assertThat(refusal("copy")).isEqualTo(Refusal.COPY);
      assertThat(refusal("spelled anew")).isEqualTo(Refusal.COPY);
      assertThat(refusal("ends too soon")).isEqualTo(Refusal.NOT_FINITE);
      assertThat(refusal("truncated")).isEqualTo(Refusal.NOT_FINITE);
      assertThat(refusal("other shapes")).isEqualTo(Refusal.NOT_FINITE);
      assertThat(refusal("header longer than file")).isEqualTo(Refusal.NOT_FINITE);
      assertThat(refusal("overflows")).isEqualTo(Refusal.NOT_FINITE);
      assertThat(judgement(first, posted("nobody has its blob")))
          .isInstanceOf(Judgement.Pending.class);

      post(
          "rounds to something else",
          second,
          add(shifted(weights(second))),
          manifestOf(volunteer, second).document().bfloat16());
      awaitVerdict(posted("rounds to something else"));
      assertThat(publisher.events(Event.Attested.class).getLast().reason())
          .isEqualTo(Refusal.NOT_FINITE.name());

      // More refused ones than a board has room to say: none of them is measured again and again.
      // With these the board has all the eight manifests of strangers that it has room for; one
      // more would push a random one off before it is measured.
      for (int i = 0; i < 2; i++) {
        post("flood " + i, first, add(noise(first)));
      }
      posted.forEach(this::awaitVerdictUnlessAbsent);
      evaluator.passRounds(2);
      assertThat(verdicts()).doesNotHaveDuplicates();
    }
    pullsOnlyHonestExperts();

    post("pending", router, add(noise(router)));
    PulledEnsemble unattested = pull(new Puller.Wish(true, false));
    assertThat(unattested.routerIfPresent())
        .get()
        .matches(m -> m.manifest().equals(posted("pending").id().toString()))
        .matches(m -> !m.accepted());
    assertThat(unattested.experts())
        .extracting(PulledEnsemble.Member::author)
        .containsOnly(volunteer.id().toString());
  }

  private void pullsOnlyHonestExperts() throws Exception {
    PulledEnsemble pulled = pull(Puller.Wish.ACCEPTED);
    assertThat(pulled.experts())
        .extracting(PulledEnsemble.Member::manifest)
        .containsExactly(
            manifestOf(volunteer, task.unit(0)).id().toString(),
            manifestOf(volunteer, task.unit(1)).id().toString());
    assertThat(pulled.routerIfPresent()).isEmpty();

    PulledEnsemble rounded = pull(new Puller.Wish(false, true));
    assertThat(rounded.manifests()).isEqualTo(pulled.manifests());
    LocalBlobs blobs = consumer.stack().blobs().store()::path;
    assertThat(new Inspection(rounded).documents()).allMatch(Inspection.Finding::good);
    assertThat(new Inspection(rounded).weights(blobs)).allMatch(Inspection.Finding::good);
    for (int i = 0; i < 2; i++) {
      Map<String, HostTensor> exact = tensors(blobs, pulled.experts().get(i));
      Map<String, HostTensor> half = tensors(blobs, rounded.experts().get(i));
      assertThat(half.keySet()).isEqualTo(exact.keySet());
      half.forEach((name, tensor) -> {
        assertThat(tensor.type()).isEqualTo(ElementType.BF16);
        float[] values = Objects.requireNonNull(exact.get(name)).floats();
        float[] near = tensor.toFloats();
        for (int k = 0; k < values.length; k++) {
          assertThat(near[k]).isCloseTo(values[k], offset(Math.abs(values[k]) / 256));
        }
      });
    }
    try (LoadedEnsemble loaded = LoadedEnsemble.open(rounded, blobs, 1L << 30, 0)) {
      assertThat(loaded.partitions()).containsExactly(0, 1);
      loaded.alone(0);
    }
  }

  private static Map<String, HostTensor> tensors(LocalBlobs blobs, PulledEnsemble.Member member)
      throws IOException {
    return Safetensors.map(blobs.path(BlobId.parse(member.weights()))).tensors();
  }

  private PulledEnsemble pull(Puller.Wish wish) throws Exception {
    PeerStack stack = consumer.stack();
    return new Puller(
            stack.boards(),
            (blob, title) -> stack.blobs().fetch(blob, List.of(), Progress.Listener.NONE),
            List.of(publisher.id()),
            stack.refusals(),
            text -> {})
        .pull(task, wish);
  }

  /** An evaluator's loop and its thread. */
  private final class Running implements AutoCloseable {
    private final AtomicInteger rounds = new AtomicInteger();
    private final EvaluatorLoop loop;
    private final Thread thread;

    Running(Secrets secrets) {
      loop =
          new EvaluatorLoop(
              publisher.stack(),
              () -> {
                rounds.incrementAndGet();
                return List.of(task);
              },
              new Meter(publisher.stack(), secrets, publisher.home(), publisher.worker(), 1),
              InstantSource.system(),
              publisher.events()::add);
      thread = Thread.ofVirtual().start(loop);
    }

    /** Waits until {@code count} rounds have begun and ended. */
    void passRounds(int count) {
      int until = rounds.get() + count + 1;
      Awaitility.await().atMost(PATIENCE).until(() -> rounds.get() >= until);
    }

    @Override
    public void close() throws InterruptedException {
      loop.stop();
      thread.join();
    }
  }

  private Running evaluate() {
    return new Running(secrets);
  }

  private void train(Unit unit) throws Exception {
    try (WorkerProcess worker = volunteer.worker()) {
      new UnitTrainer(
              volunteer.stack(),
              volunteer.home().resolve("work"),
              task,
              unit,
              worker,
              new Estimates(
                  new Estimates.Machine("cpu", 1, "test/1", 4L << 30, Recompute.AUTO),
                  SpeedBook.open(volunteer.home().resolve("speeds.json")),
                  Optional.empty(),
                  InstantSource.system()),
              UnitPlan.of(task.manifest(), unit),
              volunteer.events()::add)
          .run(Optional.empty(), Optional.empty());
    }
  }

  /** Signs a manifest under a new identity: one peer has one manifest on a board. */
  private void post(String name, Unit unit, Cid weights) {
    post(name, unit, weights, Optional.empty());
  }

  private void post(String name, Unit unit, Cid weights, Optional<Cid> bfloat16) {
    post(name, unit, weights, bfloat16, STEPS);
  }

  private void post(String name, Unit unit, Cid weights, Optional<Cid> bfloat16, long step) {
    PrivateKey key = TestPeer.key(100 + posted.size());
    SignedDocument<WeightManifest> manifest =
        SignedDocument.seal(
            key,
            new WeightManifest(
                task.id(),
                unit.index(),
                PeerId.of(key.publicKey()),
                1,
                System.currentTimeMillis(),
                step,
                1,
                Optional.empty(),
                weights,
                bfloat16,
                Optional.empty(),
                0,
                0,
                "attack/1",
                true));
    posted.put(name, manifest);
    attacker.stack().boards().post(task, manifest);
  }

  private SignedDocument<WeightManifest> manifestOf(TestPeer author, Unit unit) {
    return author.stack().boards().board(task, unit.index()).manifests().stream()
        .filter(m -> m.signer().equals(author.id()))
        .findFirst()
        .orElseThrow();
  }

  private List<String> verdicts() {
    return publisher.events(Event.Attested.class).stream().map(Event.Attested::manifest).toList();
  }

  private void awaitVerdict(SignedDocument<WeightManifest> manifest) {
    Awaitility.await().atMost(PATIENCE).until(() -> verdicts().contains(manifest.id().toString()));
  }

  private void awaitVerdictUnlessAbsent(String name, SignedDocument<WeightManifest> manifest) {
    if (!name.equals("nobody has its blob")) {
      awaitVerdict(manifest);
    }
  }

  private Judgement judgement(Unit unit, SignedDocument<WeightManifest> manifest) {
    return consumer.judge(task).unit(unit.index()).manifests().stream()
        .filter(m -> m.manifest().id().equals(manifest.id()))
        .map(JudgedManifest::judgement)
        .findFirst()
        .orElseThrow();
  }

  private SignedDocument<WeightManifest> posted(String name) {
    return Objects.requireNonNull(posted.get(name), name);
  }

  private Refusal refusal(String name) {
    SignedDocument<WeightManifest> manifest = posted(name);
    Judgement judgement = judgement(task.unit(manifest.document().unit()), manifest);
    assertThat(judgement).as(name).isInstanceOf(Judgement.Refused.class);
    return ((Judgement.Refused) judgement).reason();
  }

  private Path weights(Unit unit) throws IOException {
    Cid blob = manifestOf(volunteer, unit).document().weights();
    return volunteer.stack().blobs().store().path(new BlobId(blob));
  }

  private Cid add(Path file) throws IOException {
    return attacker.stack().blobs().add(file).cid();
  }

  private static Cid blob(Path file) throws IOException {
    return MerkleTree.of(file).head().id().cid();
  }

  private Cid absent() {
    byte[] bytes = new byte[1000];
    random.nextBytes(bytes);
    return MerkleTree.of(bytes).head().id().cid();
  }

  private Path newFile() throws IOException {
    return Files.createTempFile(folder, "weights", ".safetensors");
  }

  private Map<String, HostTensor> initialTensors(Unit unit) {
    Network network = Network.of(Networks.of(task.manifest(), unit));
    return Parameters.initialTensors(network, task.manifest().recipeOf(unit).seed());
  }

  private Path write(Map<String, HostTensor> tensors, Map<String, String> metadata)
      throws IOException {
    Path file = newFile();
    new Safetensors(tensors, metadata).write(file);
    return file;
  }

  private Path initial(Unit unit) throws IOException {
    return write(initialTensors(unit), Map.of());
  }

  private Path noise(Unit unit) throws IOException {
    return write(filledBy(unit, () -> (float) random.nextGaussian()), Map.of());
  }

  private Path filled(Unit unit, float value) throws IOException {
    return write(filledBy(unit, () -> value), Map.of());
  }

  private Map<String, HostTensor> filledBy(Unit unit, Supplier<Float> values) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    initialTensors(unit)
        .forEach((name, tensor) -> {
          float[] floats = tensor.floats();
          for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get();
          }
          tensors.put(name, shaped(floats, tensor));
        });
    return tensors;
  }

  /** As good as {@code honest}, and not the same numbers. */
  private Path shifted(Path honest) throws IOException {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    Safetensors.map(honest)
        .tensors()
        .forEach((name, tensor) -> {
          float[] floats = tensor.floats();
          for (int i = 0; i < floats.length; i++) {
            floats[i] *= 1.001f;
          }
          tensors.put(name, shaped(floats, tensor));
        });
    return write(tensors, Map.of());
  }

  /** A single bad number among good ones. */
  private Path notANumber(Unit unit) throws IOException {
    Map<String, HostTensor> tensors = new LinkedHashMap<>(initialTensors(unit));
    String last = List.copyOf(tensors.keySet()).getLast();
    HostTensor tensor = Objects.requireNonNull(tensors.get(last));
    float[] floats = tensor.floats();
    floats[floats.length - 1] = Float.NaN;
    tensors.put(last, shaped(floats, tensor));
    return write(tensors, Map.of());
  }

  private static HostTensor shaped(float[] floats, HostTensor like) {
    return HostTensor.of(floats, like.shape().stream().mapToLong(Long::longValue).toArray());
  }

  private Path spelledAnew(Path honest) throws IOException {
    Map<String, String> metadata = Map.of("by", "somebody else " + random.nextInt());
    return write(Safetensors.map(honest).tensors(), metadata);
  }

  private Path half(Path honest) throws IOException {
    byte[] bytes = Files.readAllBytes(honest);
    return Files.write(newFile(), Arrays.copyOf(bytes, bytes.length / 2));
  }

  private Path longHeader() throws IOException {
    byte[] bytes =
        ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(90_000_000).array();
    return Files.write(newFile(), bytes);
  }
}
