package org.skerry.node.ensemble;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.node.home.AtomicFile;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code skerry pull} leaves for {@code skerry run}: which manifest of each unit was taken,
 * and the weights blob it names. The file is this computer's own note, not a signed document.
 *
 * @param task id of the task; {@link #UNSIGNED} for an ensemble that came without documents
 * @param imageSize on a side, of what experts make: latents when there is a codec
 * @param experts the partitions that have an expert, in order
 * @param router absent while nobody has trained one
 * @param classNames by number; null or empty where the classes have none
 * @param codec that makes pictures of what the experts make; null when they make pictures
 * @param samplesPerPartition training images of every partition, present or missing; zeros where
 *     nobody says
 * @param proof the signed documents that all this was read from; null when there are none
 * @param text what reads prompts; null when nothing does
 */
public record PulledEnsemble(
    String task,
    String name,
    String publisher,
    String description,
    String licence,
    int imageSize,
    int channels,
    List<Long> samplesPerPartition,
    List<Member> experts,
    @Nullable Member router,
    @Nullable List<String> classNames,
    @Nullable Codec codec,
    Provenance.@Nullable Encoded proof,
    @Nullable Text text) {
  /** Stands for task, publisher and authors where no signed document names them. */
  public static final String UNSIGNED = "unsigned";

  private static final JsonMapper JSON = JsonMapper.shared();

  /**
   * One network of the ensemble.
   *
   * @param partition of an expert; -1 for the router
   * @param title what the task calls the unit
   * @param network the configuration's properties
   * @param weights id of the weights blob
   * @param manifest id of the signed manifest that named it; of the weights in an unsigned ensemble
   * @param author the peer that trained it
   * @param step of the recipe
   * @param secretLoss as attested; NaN when unattested
   * @param accepted whether the task's evaluators accepted it
   */
  public record Member(
      int partition,
      String title,
      Map<String, String> network,
      String weights,
      String manifest,
      String author,
      long step,
      double secretLoss,
      boolean accepted) {
    public Member {
      network = Map.copyOf(network);
    }
  }

  /**
   * An autoencoder.
   *
   * @param weights id of the weights blob
   * @param scale factor from its latents to those of the experts
   * @param downsampling pixels on a side of one latent
   */
  public record Codec(String weights, double scale, int downsampling) {}

  /**
   * A text encoder and its tokenizer.
   *
   * @param encoder the configuration's properties
   * @param weights id of the weights blob
   * @param tokenizer ids of its files' blobs, by the files' names
   */
  public record Text(Map<String, String> encoder, String weights, Map<String, String> tokenizer) {
    public Text {
      encoder = Map.copyOf(encoder);
      tokenizer = Collections.unmodifiableMap(new TreeMap<>(tokenizer));
    }
  }

  /** An ensemble that reads no prompts. */
  public PulledEnsemble(
      String task,
      String name,
      String publisher,
      String description,
      String licence,
      int imageSize,
      int channels,
      List<Long> samplesPerPartition,
      List<Member> experts,
      @Nullable Member router,
      @Nullable List<String> classNames,
      @Nullable Codec codec,
      Provenance.@Nullable Encoded proof) {
    this(
        task,
        name,
        publisher,
        description,
        licence,
        imageSize,
        channels,
        samplesPerPartition,
        experts,
        router,
        classNames,
        codec,
        proof,
        null);
  }

  public PulledEnsemble {
    classNames = classNames == null ? null : List.copyOf(classNames);
    samplesPerPartition = List.copyOf(samplesPerPartition);
    experts = List.copyOf(experts);
    Set<Integer> seen = new HashSet<>();
    for (Member expert : experts) {
      if (expert.partition() < 0
          || expert.partition() >= samplesPerPartition.size()
          || !seen.add(expert.partition())) {
        throw new IllegalArgumentException(
            "partition " + expert.partition() + " is out of range or has two experts");
      }
    }
  }

  /**
   * Whether it was imported without documents: what it says of itself is nobody's word but that of
   * the folder it came in. Its members are named by their weights, for want of manifests.
   */
  public boolean unsigned() {
    return task.equals(UNSIGNED);
  }

  /** Whether its experts are nothing without a text. */
  public boolean needsText() {
    return experts.stream()
        .anyMatch(expert -> NetworkConfig.fromProperties(expert.network()).textWidth() > 0);
  }

  /** K, the number of partitions of the task. */
  public int partitions() {
    return samplesPerPartition.size();
  }

  /** Pixels on a side of the pictures. */
  public int pictureSize() {
    return codec == null ? imageSize : Math.multiplyExact(imageSize, codec.downsampling());
  }

  /** How many classes the experts can be asked for; 0 when they know none. */
  public int classes() {
    return experts.stream()
        .mapToInt(expert -> NetworkConfig.fromProperties(expert.network()).labels())
        .max()
        .orElse(0);
  }

  /** The class that somebody means by its number or its name; empty when there is none such. */
  public OptionalInt classOf(String text) {
    int named = classNames == null ? -1 : classNames.indexOf(text);
    if (named >= 0) {
      return OptionalInt.of(named);
    }
    int number = text.matches("\\d{1,6}") ? Integer.parseInt(text) : -1;
    return number >= 0 && number < classes() ? OptionalInt.of(number) : OptionalInt.empty();
  }

  /** The class that a sentence speaks of, or means by its number; empty when there is none such. */
  public OptionalInt classIn(String prompt) {
    OptionalInt spoken = new PromptClasses(classNames == null ? List.of() : classNames).in(prompt);
    return spoken.isPresent() ? spoken : classOf(prompt.strip());
  }

  /** The partitions for which there is no expert. */
  public List<Integer> missing() {
    List<Integer> present = experts.stream().map(Member::partition).toList();
    return IntStream.range(0, partitions()).filter(k -> !present.contains(k)).boxed().toList();
  }

  public Optional<Member> routerIfPresent() {
    return Optional.ofNullable(router);
  }

  public Optional<Provenance.Encoded> proofIfPresent() {
    return Optional.ofNullable(proof);
  }

  /** The experts and, behind them, the router. */
  public List<Member> members() {
    List<Member> all = new ArrayList<>(experts);
    routerIfPresent().ifPresent(all::add);
    return Collections.unmodifiableList(all);
  }

  /** The ids of the manifests that are in it, for the metadata of pictures. */
  public List<String> manifests() {
    return members().stream().map(Member::manifest).toList();
  }

  /** The ids of all blobs of weights, each once. */
  public List<String> blobs() {
    Set<String> ids = new LinkedHashSet<>();
    members().forEach(member -> ids.add(member.weights()));
    if (codec != null) {
      ids.add(codec.weights());
    }
    if (text != null) {
      ids.add(text.weights());
      ids.addAll(text.tokenizer().values());
    }
    return List.copyOf(ids);
  }

  /** Writes this note, durably and at once. */
  public void write(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    AtomicFile.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
  }

  /**
   * Reads a note.
   *
   * @throws IOException when there is none, or it is damaged; the message says what to do
   */
  public static PulledEnsemble read(Path file) throws IOException {
    try {
      return JSON.readValue(Files.readAllBytes(file), PulledEnsemble.class);
    } catch (NoSuchFileException e) {
      throw new IOException(file + " does not exist; pull the ensemble first", e);
    } catch (JacksonException | IllegalArgumentException e) {
      throw new IOException(file + " is damaged; pull the ensemble again", e);
    }
  }
}
