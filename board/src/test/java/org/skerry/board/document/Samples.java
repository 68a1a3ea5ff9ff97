package org.skerry.board.document;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.libp2p.multiformats.Multihash;

/** Documents from fixed seeds, for every test of the module. */
public final class Samples {
  public static final PrivateKey PUBLISHER = key(1);
  public static final PrivateKey EVALUATOR = key(2);
  public static final PrivateKey VOLUNTEER = key(3);
  public static final long NOW = 1_800_000_000_000L;
  public static final long LEASE_MS = 60_000;

  private Samples() {}

  /** The key whose seed is {@code number}, repeated. */
  public static PrivateKey key(int number) {
    byte[] seed = new byte[32];
    for (int i = 0; i < seed.length; i += 4) {
      seed[i] = (byte) (number >>> 24);
      seed[i + 1] = (byte) (number >>> 16);
      seed[i + 2] = (byte) (number >>> 8);
      seed[i + 3] = (byte) number;
    }
    return PrivateKey.ofSeed(seed);
  }

  public static PeerId peer(PrivateKey key) {
    return PeerId.of(key.publicKey());
  }

  public static Cid blob(String name) {
    return new Cid(Cid.SKERRY_BLOB, Multihash.sha256(name.getBytes(StandardCharsets.UTF_8)));
  }

  public static Cid document(String name) {
    return new Cid(Cid.DAG_CBOR, Multihash.sha256(name.getBytes(StandardCharsets.UTF_8)));
  }

  public static ModelSpec unet(int hidden) {
    return new ModelSpec(ModelFamily.UNET, 16, 3, hidden, 3, 0, 0, 10);
  }

  public static Recipe recipe() {
    return recipe(400, Optional.of(blob("initial")));
  }

  public static Recipe recipe(long steps, Optional<Cid> initialWeights) {
    return new Recipe(
        Optimizer.ADAMW,
        2e-3,
        0.9,
        0.99,
        1e-8,
        0.01,
        30,
        0.4,
        64,
        steps,
        0.99,
        1.0,
        0.1,
        Precision.FLOAT32,
        42,
        TimeSampling.LOGIT_NORMAL,
        60_000,
        300_000,
        initialWeights,
        Optional.empty());
  }

  public static Unit expert(int partition) {
    return new Unit(
        partition,
        UnitKind.EXPERT,
        partition,
        500 + partition,
        blob("index-" + partition),
        blob("validation-" + partition),
        blob("secret-" + partition),
        Optional.of(blob("sheet-" + partition)),
        "partition " + partition);
  }

  public static Unit router(int index) {
    return new Unit(
        index,
        UnitKind.ROUTER,
        Unit.ALL_PARTITIONS,
        1001,
        blob("index-all"),
        blob("validation-all"),
        blob("secret-all"),
        Optional.empty(),
        "router");
  }

  /** Two experts, the second wider, and a router. */
  public static TaskManifest manifest() {
    TreeMap<Integer, ModelSpec> overrides = new TreeMap<>();
    overrides.put(1, unet(48));
    TreeMap<Integer, Recipe> recipes = new TreeMap<>();
    recipes.put(0, recipe(300, Optional.empty()));
    return new TaskManifest(
        "emoji-faces",
        "Faces and hands.\nSecond line.",
        "Apache-2.0",
        unet(32),
        overrides,
        unet(16),
        recipe(),
        recipes,
        recipe(),
        Optional.of(new LatentCodec(CodecFamily.AUTOENCODER_KL, blob("vae"), 0.18215, 8)),
        Optional.empty(),
        Optional.of(blob("names")),
        FlowPath.RECTIFIED_FLOW,
        Optional.empty(),
        List.of(expert(0), expert(1), router(2)),
        new Clustering("two-stage k-means", 7, "colour-edge-48", List.of(500L, 501L)),
        0);
  }

  public static TextEncoder clip() {
    TreeMap<String, Cid> tokenizer = new TreeMap<>();
    tokenizer.put("vocab.json", blob("vocabulary"));
    tokenizer.put("merges.txt", blob("merges"));
    return new TextEncoder(
        TextFamily.CLIP_TEXT,
        49_408,
        77,
        768,
        12,
        12,
        0,
        3072,
        0,
        0,
        TextActivation.QUICK_GELU,
        blob("clip"),
        tokenizer);
  }

  /** One expert of Paris and its router. */
  public static TaskManifest reading(ModelSpec expert, Optional<TextEncoder> encoder) {
    return new TaskManifest(
        "captioned",
        "",
        "Apache-2.0",
        expert,
        new TreeMap<>(),
        new ModelSpec(ModelFamily.PARIS, 32, 4, 768, 12, 12, 2, 0),
        recipe(),
        new TreeMap<>(),
        recipe(),
        Optional.of(new LatentCodec(CodecFamily.AUTOENCODER_KL, blob("vae"), 0.18215, 8)),
        encoder,
        Optional.empty(),
        FlowPath.RECTIFIED_FLOW,
        Optional.empty(),
        List.of(expert(0), router(1)),
        new Clustering("two-stage k-means", 7, "colour-edge-48", List.of(500L)),
        0);
  }

  /** The published expert. */
  public static ModelSpec reader(int textWidth) {
    return new ModelSpec(ModelFamily.PARIS, 32, 4, 1152, 28, 16, 2, 0, false, textWidth);
  }

  public static AcceptancePolicy policy() {
    return policy(1, EVALUATOR);
  }

  public static AcceptancePolicy policy(int required, PrivateKey... evaluators) {
    return new AcceptancePolicy(
        Arrays.stream(evaluators).map(Samples::peer).toList(), required, 0.02, 0.05);
  }

  public static Task task() {
    return task(policy(), 2);
  }

  public static Task task(AcceptancePolicy policy, int redundancy) {
    return Task.seal(PUBLISHER, NOW, redundancy, LEASE_MS, policy, manifest());
  }

  /** The next version of {@code older}, with one partition more. */
  public static Task extended(Task older) {
    List<Unit> units = new ArrayList<>(older.units());
    units.removeLast();
    int partition = units.size();
    units.add(expert(partition));
    units.add(router(partition + 1));
    List<Long> sizes = new ArrayList<>(older.manifest().clustering().sizes());
    sizes.add(500L + partition);
    return sealed(PUBLISHER, older, older.manifest().extended(older.id(), units, sizes));
  }

  /** A task of {@code manifest}, otherwise as {@code like}. */
  public static Task sealed(PrivateKey publisher, Task like, TaskManifest manifest) {
    return Task.seal(
        publisher, NOW + 1, like.redundancy(), like.leaseMs(), like.policy(), manifest);
  }

  public static Catalog catalog(long sequence) {
    TreeMap<String, Cid> tasks = new TreeMap<>();
    tasks.put("emoji-faces", task().id());
    tasks.put("zz", document("other task"));
    return new Catalog(peer(PUBLISHER), sequence, NOW, tasks);
  }

  /** {@code key} names {@code recovery}. */
  public static SignedDocument<Recovery> recovery(PrivateKey key, PrivateKey recovery) {
    return SignedDocument.seal(key, new Recovery(peer(key), peer(recovery), NOW));
  }

  /** {@code signer} says that {@code next}, who agrees, is the successor of {@code key}. */
  public static SignedDocument<Succession> succession(
      PrivateKey signer, PrivateKey key, PrivateKey next) {
    SignedDocument<Consent> consent =
        SignedDocument.seal(next, new Consent(peer(next), peer(key), NOW));
    return SignedDocument.seal(signer, new Succession(peer(signer), consent, NOW + 1));
  }

  /** {@code signer} says that {@code key} is stolen. */
  public static SignedDocument<Revocation> revocation(
      PrivateKey signer, PrivateKey key, Optional<PrivateKey> recovery) {
    return SignedDocument.seal(
        signer,
        new Revocation(peer(signer), peer(key), recovery.map(Samples::peer), NOW, "stolen"));
  }

  public static Claim claim(PrivateKey key, Cid task, int unit, long sequence) {
    return new Claim(
        task,
        unit,
        peer(key),
        sequence,
        NOW,
        Math.max(NOW, sequence),
        LEASE_MS,
        "cpu, 2 cores",
        12.5,
        100);
  }

  public static WeightManifest weights(
      PrivateKey key, Cid task, int unit, long sequence, String blob) {
    return new WeightManifest(
        task,
        unit,
        peer(key),
        sequence,
        sequence,
        100,
        6_400,
        Optional.empty(),
        blob(blob),
        Optional.of(blob("bfloat16 of " + blob)),
        Optional.of(blob("resume of " + blob)),
        0.41,
        0.43,
        "skerry/0.1.0",
        false);
  }

  /** Numbers that pass {@link #policy()}. */
  public static Measurements good(double secretLoss) {
    return new Measurements(
        secretLoss,
        secretLoss,
        secretLoss,
        secretLoss,
        0.9,
        1.5,
        Double.NaN,
        true,
        Optional.empty());
  }

  public static Attestation attestation(
      PrivateKey evaluator,
      long sequence,
      SignedDocument<WeightManifest> manifest,
      Measurements measured,
      Verdict verdict) {
    return new Attestation(
        peer(evaluator), sequence, sequence, manifest, AttestationMethod.LOSS, measured, verdict);
  }
}
