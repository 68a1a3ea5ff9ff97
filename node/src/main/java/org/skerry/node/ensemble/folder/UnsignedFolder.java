package org.skerry.node.ensemble.folder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.skerry.board.document.TaskCharter;
import org.skerry.diffusion.AutoencoderKl;
import org.skerry.diffusion.AutoencoderKlConfig;
import org.skerry.diffusion.DitClassifierConfig;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.ParisRouterConfig;
import org.skerry.diffusion.UNetClassifierConfig;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.task.ClassNames;
import org.skerry.node.task.Codec;
import org.skerry.node.task.TextEncoding;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A folder without documents: Paris, or an ensemble that somebody exported without them. Nobody's
 * word but the folder's is to be had, so all that can be asked of it is that the weights are those
 * of networks this program knows, and that the networks fit together. Used by one thread.
 */
final class UnsignedFolder {
  private static final int MAX_CONFIG_BYTES = 64 << 10;
  private static final int MAX_TEXT = 4096;

  /** The factor of Stable Diffusion's autoencoder, which is also that of DiT, SiT and Paris. */
  private static final double USUAL_SCALE = 0.18215;

  private final SourceFolder folder;
  private final List<Incoming.Blob> blobs = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();
  private final Set<String> unread = new TreeSet<>();

  private UnsignedFolder(SourceFolder folder) {
    this.folder = folder;
  }

  static Incoming read(SourceFolder folder) throws IOException {
    try {
      return new UnsignedFolder(folder).read();
    } catch (IllegalArgumentException e) {
      throw new IOException(PlainText.shown(String.valueOf(e.getMessage())), e);
    }
  }

  private Incoming read() throws IOException {
    SortedMap<Integer, String> parts = folder.experts();
    if (parts.isEmpty()) {
      throw new IOException("it has neither " + Layout.EXPERT + "0 nor any other expert");
    }
    if (parts.lastKey() >= TaskCharter.MAX_UNITS) {
      throw new IOException(
          parts.get(parts.lastKey()) + " is beyond the " + TaskCharter.MAX_UNITS + " that can be");
    }
    List<PulledEnsemble.Member> experts = new ArrayList<>();
    for (Map.Entry<Integer, String> part : parts.entrySet()) {
      experts.add(member(part.getKey(), part.getValue()));
    }
    PulledEnsemble.@Nullable Member router =
        folder.has(Layout.ROUTER) ? member(-1, Layout.ROUTER) : null;
    int partitions = partitions(parts, router);
    Shape shape = shape(experts, router);
    PulledEnsemble.@Nullable Codec codec = codec(shape);
    PulledEnsemble.@Nullable Text text = text(experts);
    JsonNode index = index();
    remark(router, partitions);
    PulledEnsemble ensemble =
        new PulledEnsemble(
            PulledEnsemble.UNSIGNED,
            PlainText.field(index, "name", folder.name(), 64),
            PulledEnsemble.UNSIGNED,
            PlainText.field(index, "description", "", MAX_TEXT),
            PlainText.field(index, "licence", "unspecified", 128),
            shape.imageSize(),
            shape.channels(),
            Collections.nCopies(partitions, 0L),
            experts,
            router,
            classNames(shape.labels()),
            codec,
            null,
            text);
    return new Incoming(ensemble, blobs, remarks);
  }

  /** What experts and router see. */
  private record Shape(int imageSize, int channels, int labels) {}

  private PulledEnsemble.Member member(int partition, String part) throws IOException {
    String where = part + "/" + Layout.CONFIG;
    JsonNode config = folder.json(where, MAX_CONFIG_BYTES);
    Path weights = folder.weights(part);
    Map<String, String> network =
        config.has(NetworkJson.FAMILY)
            ? NetworkJson.read(where, config)
            : paris(partition, where, config, weights);
    requireFits(partition, part, network, weights);
    BlobId id = take(weights);
    return new PulledEnsemble.Member(
        partition,
        partition < 0 ? "router" : "expert of partition " + partition,
        network,
        id.toString(),
        id.toString(),
        PulledEnsemble.UNSIGNED,
        0,
        Double.NaN,
        false);
  }

  private Map<String, String> paris(int partition, String where, JsonNode config, Path weights)
      throws IOException {
    ParisFile file =
        partition < 0
            ? ParisFile.router(where, config, weights)
            : ParisFile.expert(where, config, weights);
    unread.addAll(file.unread());
    return file.properties();
  }

  private static void requireFits(
      int partition, String part, Map<String, String> properties, Path weights) throws IOException {
    NetworkConfig config = NetworkConfig.fromProperties(properties);
    if ((classes(config) > 0) != partition < 0) {
      throw new IOException(
          "%s is a %s, which is no %s"
              .formatted(
                  part, properties.get(NetworkJson.FAMILY), partition < 0 ? "router" : "expert"));
    }
    Parameters.requireFits(Network.of(config), weights);
  }

  /** Experts that a router tells apart; 0 for an expert. */
  private static int classes(NetworkConfig config) {
    return switch (config) {
      case UNetClassifierConfig c -> c.classes();
      case DitClassifierConfig c -> c.classes();
      case ParisRouterConfig c -> c.classes();
      default -> 0;
    };
  }

  private BlobId take(Path file) throws IOException {
    BlobId id = MerkleTree.of(file).head().id();
    blobs.add(new Incoming.Blob(folder.root().relativize(file).toString(), file, id));
    return id;
  }

  private static int partitions(
      SortedMap<Integer, String> parts, PulledEnsemble.@Nullable Member router) throws IOException {
    int needed = parts.lastKey() + 1;
    if (router == null) {
      return needed;
    }
    int told = classes(NetworkConfig.fromProperties(router.network()));
    if (told < needed) {
      throw new IOException(
          "the router tells %d experts apart, and there is %s"
              .formatted(told, parts.get(parts.lastKey())));
    }
    return told;
  }

  private static Shape shape(
      List<PulledEnsemble.Member> experts, PulledEnsemble.@Nullable Member router)
      throws IOException {
    Shape first = shapeOf(experts.getFirst());
    for (PulledEnsemble.Member expert : experts) {
      if (!shapeOf(expert).equals(first)) {
        throw new IOException(
            expert.title() + " sees other images or classes than " + experts.getFirst().title());
      }
    }
    if (router != null) {
      NetworkConfig seen = NetworkConfig.fromProperties(router.network());
      if (seen.imageSize() != first.imageSize() || seen.channels() != first.channels()) {
        throw new IOException("the router sees other images than the experts");
      }
    }
    return first;
  }

  private static Shape shapeOf(PulledEnsemble.Member member) {
    NetworkConfig config = NetworkConfig.fromProperties(member.network());
    return new Shape(config.imageSize(), config.channels(), config.labels());
  }

  private PulledEnsemble.@Nullable Codec codec(Shape shape) throws IOException {
    if (!folder.has(Layout.CODEC)) {
      if (shape.channels() != 3) {
        throw new IOException(
            "its experts make latents of %d channels, and %s/ is missing"
                .formatted(shape.channels(), Layout.CODEC));
      }
      return null;
    }
    String where = Layout.CODEC + "/" + Layout.CONFIG;
    JsonNode json = folder.jsonIfPresent(where, MAX_CONFIG_BYTES).orElse(empty());
    double scale = json.path("scaling_factor").asDouble(USUAL_SCALE);
    if (json.path("norm_num_groups").asInt(Codec.GROUPS) != Codec.GROUPS
        || json.path("shift_factor").asDouble(0) != 0) {
      throw new IOException(
          where + ": norm_num_groups other than " + Codec.GROUPS + ", or a shift_factor");
    }
    Path weights = folder.weights(Layout.CODEC);
    AutoencoderKlConfig config =
        AutoencoderKlConfig.of(Safetensors.map(weights).tensors(), Codec.GROUPS, scale);
    if (config.latentChannels() != shape.channels() || config.imageChannels() != 3) {
      throw new IOException(
          "%s makes latents of %d channels, the experts see %d"
              .formatted(Layout.CODEC, config.latentChannels(), shape.channels()));
    }
    Parameters.requireFits(new AutoencoderKl(config), weights);
    return new PulledEnsemble.Codec(take(weights).toString(), scale, config.downsampling());
  }

  /** What reads prompts, where experts look at a text. */
  private PulledEnsemble.@Nullable Text text(List<PulledEnsemble.Member> experts)
      throws IOException {
    Set<Integer> widths = new TreeSet<>();
    for (PulledEnsemble.Member expert : experts) {
      int width = NetworkConfig.fromProperties(expert.network()).textWidth();
      if (width > 0) {
        widths.add(width);
      }
    }
    if (widths.isEmpty()) {
      return null;
    }
    if (!folder.has(Layout.TEXT_ENCODER) || !folder.has(Layout.TOKENIZER)) {
      remarks.add(
          ("warning: these experts are nothing without a text, and %s/ or %s/ is missing: the"
                  + " ensemble can be shown, verified and exported, not sampled from")
              .formatted(Layout.TEXT_ENCODER, Layout.TOKENIZER));
      return null;
    }
    TextEncoding files = TextFiles.read(folder);
    if (!widths.equals(Set.of(files.config().width()))) {
      throw new IOException(
          "the text encoder gives %d numbers a token, the experts look at %s"
              .formatted(files.config().width(), widths));
    }
    Map<String, String> tokenizer = new TreeMap<>();
    for (Map.Entry<String, Path> file : files.tokenizer().paths().entrySet()) {
      tokenizer.put(file.getKey(), take(file.getValue()).toString());
    }
    return new PulledEnsemble.Text(
        files.config().toProperties(), take(files.weights()).toString(), tokenizer);
  }

  private @Nullable List<String> classNames(int classes) throws IOException {
    if (classes == 0 || !folder.has(Layout.CLASS_NAMES)) {
      return null;
    }
    return ClassNames.read(folder.file(Layout.CLASS_NAMES), classes).names();
  }

  /** What this program wrote about the ensemble; another's index says nothing that is needed. */
  private JsonNode index() throws IOException {
    JsonNode json = folder.jsonIfPresent(Layout.INDEX, MAX_CONFIG_BYTES).orElse(empty());
    if (!Layout.INDEX_CLASS.equals(json.path("_class_name").asString(""))) {
      return empty();
    }
    Documents.requireFormat(Layout.INDEX, json);
    return json;
  }

  private static JsonNode empty() {
    return JsonNodeFactory.instance.objectNode();
  }

  private void remark(PulledEnsemble.@Nullable Member router, int partitions) {
    if (!unread.isEmpty()) {
      remarks.add(
          "not looked at in " + Layout.CONFIG + ": " + PlainText.shown(String.join(", ", unread)));
    }
    if (router == null && partitions > 1) {
      remarks.add("warning: there is no router, and without one the experts cannot be mixed");
    }
  }
}
