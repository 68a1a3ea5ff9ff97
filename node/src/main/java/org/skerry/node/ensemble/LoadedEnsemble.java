package org.skerry.node.ensemble;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Guidance;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.TextEncoderConfig;
import org.skerry.diffusion.VelocityField;
import org.skerry.diffusion.text.PromptEncoder;
import org.skerry.diffusion.text.TokenizerFiles;
import org.skerry.diffusion.torch.Torch;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.router.Condition;
import org.skerry.router.Ensemble;
import org.skerry.router.ExpertCache;
import org.skerry.router.ImageRouting;
import org.skerry.router.Images;
import org.skerry.router.Router;
import org.skerry.router.Routing;
import org.skerry.router.SampleCard;
import org.skerry.router.Sampler;
import org.skerry.transfer.BlobId;

/**
 * A pulled ensemble, ready to sample from. The router and what makes pictures stay in memory;
 * experts come and go as their budget wants. One thread at a time.
 */
public final class LoadedEnsemble implements AutoCloseable {
  /** Where there is one partition, there is nothing to choose. */
  private static final Router ALONE =
      (x, t) -> x.getManager().zeros(new Shape(t.getShape().get(0), 1));

  private final PulledEnsemble pulled;
  private final NDManager manager;
  private final ExpertCache cache;
  private final Map<Integer, ExpertCache.Expert> experts;
  private final @Nullable Parameters router;
  private final @Nullable PictureCodec codec;
  private final @Nullable PromptEncoder words;

  private LoadedEnsemble(
      PulledEnsemble pulled,
      NDManager manager,
      ExpertCache cache,
      Map<Integer, ExpertCache.Expert> experts,
      @Nullable Parameters router,
      @Nullable PictureCodec codec,
      @Nullable PromptEncoder words) {
    this.pulled = pulled;
    this.manager = manager;
    this.cache = cache;
    this.experts = experts;
    this.router = router;
    this.codec = codec;
    this.words = words;
  }

  /**
   * Opens {@code pulled}. Its weights files must stay as they are while this is open.
   *
   * @param memoryBytes that experts may take
   * @param deviceMemoryBytes that they may take on a device other than the processor
   */
  public static LoadedEnsemble open(
      PulledEnsemble pulled, LocalBlobs blobs, long memoryBytes, long deviceMemoryBytes)
      throws IOException {
    if (pulled.needsText() && pulled.text() == null) {
      throw new IOException(
          "its experts are nothing without a text, and it came without a text encoder");
    }
    NDManager manager = Torch.newManager();
    ExpertCache cache = new ExpertCache(manager, memoryBytes, deviceMemoryBytes);
    try {
      Map<Integer, ExpertCache.Expert> experts = new TreeMap<>();
      for (PulledEnsemble.Member member : pulled.experts()) {
        Path weights = blobs.path(BlobId.parse(member.weights()));
        Network network = network(member);
        Parameters.requireFits(network, weights);
        experts.put(member.partition(), cache.expert(network, weights));
      }
      PulledEnsemble.@Nullable Member router = pulled.router();
      return new LoadedEnsemble(
          pulled,
          manager,
          cache,
          experts,
          router == null ? null : load(router, blobs, manager),
          codec(pulled, blobs, manager),
          words(pulled, blobs, manager));
    } catch (IOException | RuntimeException e) {
      cache.close();
      manager.close();
      throw e;
    }
  }

  private static @Nullable PictureCodec codec(
      PulledEnsemble pulled, LocalBlobs blobs, NDManager manager) throws IOException {
    PulledEnsemble.Codec named = pulled.codec();
    return named == null
        ? null
        : PictureCodec.open(pulled, named, blobs.path(BlobId.parse(named.weights())), manager);
  }

  private static @Nullable PromptEncoder words(
      PulledEnsemble pulled, LocalBlobs blobs, NDManager manager) throws IOException {
    PulledEnsemble.Text text = pulled.text();
    if (text == null) {
      return null;
    }
    Map<String, Path> tokenizer = new TreeMap<>();
    for (Map.Entry<String, String> file : text.tokenizer().entrySet()) {
      tokenizer.put(file.getKey(), blobs.path(BlobId.parse(file.getValue())));
    }
    return PromptEncoder.open(
        TextEncoderConfig.fromProperties(text.encoder()),
        blobs.path(BlobId.parse(text.weights())),
        new TokenizerFiles(tokenizer),
        manager);
  }

  private static Parameters load(PulledEnsemble.Member member, LocalBlobs blobs, NDManager manager)
      throws IOException {
    Path file = blobs.path(BlobId.parse(member.weights()));
    return Parameters.fromSafetensors(network(member), manager, file);
  }

  private static Network network(PulledEnsemble.Member member) {
    return Network.of(NetworkConfig.fromProperties(member.network()));
  }

  public PulledEnsemble pulled() {
    return pulled;
  }

  /** The partitions that have an expert. */
  public Set<Integer> partitions() {
    return experts.keySet();
  }

  /**
   * An expert, whose parameters are this ensemble's.
   *
   * @throws NodeException when the partition has none
   */
  public ExpertCache.Expert expert(int partition) throws NodeException {
    ExpertCache.Expert expert = experts.get(partition);
    if (expert == null) {
      throw new NodeException(
          Reason.NOT_FOUND,
          "there is no expert for partition " + partition,
          "choose one of " + experts.keySet());
    }
    return expert;
  }

  /** The velocity field of all experts together, with nothing asked of them. */
  public Ensemble mixed(Routing routing) throws NodeException {
    return mixed(routing, Optional.empty());
  }

  /** The velocity field of all experts together, each of which is asked and guided by itself. */
  public Ensemble mixed(Routing routing, Optional<Condition> condition) throws NodeException {
    requireNoText();
    Map<Integer, VelocityField> fields = new TreeMap<>();
    experts.forEach(
        (partition, expert) -> fields.put(partition, expert.field(p -> field(p, condition))));
    return mixed(routing, fields);
  }

  /** The velocity field of all experts together, each of which sees the words and is guided. */
  public Ensemble mixed(Routing routing, Wording wording) throws NodeException {
    Map<Integer, VelocityField> fields = new TreeMap<>();
    experts.forEach((partition, expert) -> fields.put(partition, expert.field(wording::field)));
    return mixed(routing, fields);
  }

  /**
   * What experts see of a request's words, to be closed when its pictures are made.
   *
   * @param negative what guidance leads away from; empty for the empty text
   * @param guidance 1 for none
   * @throws IllegalStateException when this ensemble reads no prompts
   */
  public Wording worded(String prompt, String negative, double guidance) {
    if (words == null) {
      throw new IllegalStateException("ensemble " + pulled.name() + " reads no prompts");
    }
    return Wording.of(words, prompt, negative, guidance, manager);
  }

  private void requireNoText() throws NodeException {
    if (pulled.needsText()) {
      throw new NodeException(
          Reason.USAGE,
          "the experts of " + pulled.name() + " are nothing without a text",
          "make pictures with `skerry run %s \"what to make\"`".formatted(pulled.name()));
    }
  }

  private static VelocityField field(Parameters p, Optional<Condition> condition) {
    VelocityField unconditional = p.network().field(p);
    if (condition.isEmpty()) {
      return unconditional;
    }
    VelocityField conditional = p.network().field(p, condition.get().label());
    double scale = condition.get().guidance();
    return scale == 1
        ? conditional
        : Guidance.ofAllChannels(scale).field(conditional, unconditional);
  }

  /** The velocity field of other experts, mixed by this ensemble's router. */
  public Ensemble mixed(Routing routing, Map<Integer, VelocityField> fields) throws NodeException {
    Router chooses;
    if (router == null && pulled.partitions() == 1) {
      chooses = ALONE;
    } else {
      Parameters parameters = requiredRouter();
      chooses = Router.of(parameters.network(), parameters);
    }
    return new Ensemble(chooses, fields, routing, Collections.nCopies(pulled.partitions(), 0.0));
  }

  /** The velocity field of one expert alone. */
  public VelocityField alone(int partition) throws NodeException {
    requireNoText();
    return expert(partition).field(p -> p.network().field(p));
  }

  /** The router's parameters, owned by this. */
  public Parameters requiredRouter() throws NodeException {
    if (router == null) {
      throw new NodeException(
          Reason.NOT_ACCEPTED,
          "ensemble " + pulled.name() + " has no router yet, and its experts cannot be mixed",
          "pull it again when somebody has trained one");
    }
    return router;
  }

  /** Pictures {@code first} to {@code first + count - 1} of {@code seed}, clamped. */
  public Images sample(
      VelocityField field,
      Sampler sampler,
      long seed,
      int first,
      int count,
      Sampler.Progress progress) {
    return pictures(
        sampler.sample(
            manager, field, pulled.channels(), pulled.imageSize(), seed, first, count, progress));
  }

  /**
   * Variations of pictures, clamped.
   *
   * @param start of {@link PulledEnsemble#pictureSize}, with three channels
   * @param first index of the first picture's noise within the seed
   * @param strength in (0, 1]: 1 keeps nothing of the pictures
   */
  public Images vary(
      VelocityField field,
      Sampler sampler,
      Images start,
      double strength,
      long seed,
      int first,
      Sampler.Progress progress) {
    Images known = codec == null ? start : codec.encode(start);
    return pictures(sampler.vary(manager, field, known, strength, seed, first, progress));
  }

  /** What people see of what experts make, clamped. */
  public Images pictures(Images made) {
    return (codec == null ? made : codec.decode(made)).clamped();
  }

  /** What a picture's metadata says of how it was made. */
  public SampleCard card(
      Routing routing,
      @Nullable Integer label,
      @Nullable Double guidance,
      Sampler sampler,
      long seed,
      int index,
      SampleCard.@Nullable Start start,
      @Nullable ImageRouting routed) {
    Map<String, String> manifests = new LinkedHashMap<>();
    for (PulledEnsemble.Member member : pulled.members()) {
      manifests.put(
          member.partition() < 0 ? "router" : Integer.toString(member.partition()),
          member.manifest());
    }
    return new SampleCard(
        pulled.task(),
        pulled.name(),
        manifests,
        routing.strategy().text(),
        routing.temperature(),
        sampler.solver().text(),
        sampler.schedule().steps(),
        sampler.schedule().shift(),
        label,
        guidance,
        seed,
        index,
        start,
        routed);
  }

  @Override
  public void close() {
    if (words != null) {
      words.close();
    }
    cache.close();
    manager.close();
  }
}
