package org.skerry.node.ensemble.folder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.skerry.diffusion.ParisExpertConfig;
import org.skerry.diffusion.ParisRouterConfig;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import tools.jackson.databind.JsonNode;

/**
 * A network of Paris: its weights tell its shape, all but the number of heads, and {@code
 * config.json} has to agree wherever it speaks of the same.
 *
 * @param properties of the network
 * @param unread keys of the configuration that this program does not know
 */
record ParisFile(Map<String, String> properties, Set<String> unread) {
  /** What a file may call the same number. */
  private static final Map<String, List<String>> KEYS =
      Map.of(
          "hidden", List.of("hidden_size", "hidden_dim"),
          "depth", List.of("num_layers", "depth"),
          "patch", List.of("patch_size"),
          "channels", List.of("in_channels", "out_channels", "latent_channels"),
          "imageSize", List.of("sample_size", "input_size", "latent_size"),
          "heads", List.of("num_heads", "num_attention_heads"),
          "textWidth", List.of("text_dim", "cross_attention_dim", "context_dim"),
          "classes", List.of("num_clusters", "num_experts"));

  /** Heads of the published sizes S, B, L and XL, by hidden width. */
  private static final Map<Long, Integer> USUAL_HEADS =
      Map.of(384L, 6, 768L, 12, 1024L, 16, 1152L, 16);

  private static final List<String> OBJECTIVES =
      List.of("objective", "prediction_type", "parameterization");

  /** What the network gives, as far as this program can mix it: the velocity of a flow. */
  private static final Set<String> FLOWS =
      Set.of("flow", "fm", "flow_matching", "flow-matching", "rectified_flow", "velocity");

  private static final String PATCHES = "patch_embed.weight";
  private static final int MAX_HEADS = 1024;

  ParisFile {
    properties = Map.copyOf(properties);
    unread = Set.copyOf(unread);
  }

  static ParisFile expert(String where, JsonNode config, Path weights) throws IOException {
    Map<String, HostTensor> tensors = Safetensors.map(weights).tensors();
    int heads = heads(where, config, tensors);
    return checked(where, config, ParisExpertConfig.of(tensors, heads).toProperties());
  }

  static ParisFile router(String where, JsonNode config, Path weights) throws IOException {
    Map<String, HostTensor> tensors = Safetensors.map(weights).tensors();
    int heads = heads(where, config, tensors);
    return checked(where, config, ParisRouterConfig.of(tensors, heads).toProperties());
  }

  private static int heads(String where, JsonNode config, Map<String, HostTensor> tensors)
      throws IOException {
    for (String key : KEYS.getOrDefault("heads", List.of())) {
      JsonNode value = config.path(key);
      if (!value.isMissingNode()) {
        if (!value.isIntegralNumber() || value.asLong(0) < 1 || value.asLong(0) > MAX_HEADS) {
          throw new IOException(
              "%s: %s is %s, not 1 to %d".formatted(where, key, PlainText.shown(value), MAX_HEADS));
        }
        return value.asInt(0);
      }
    }
    HostTensor patches = tensors.get(PATCHES);
    if (patches == null || patches.shape().isEmpty()) {
      throw new IOException("no weights of Paris: " + PATCHES + " is missing");
    }
    Integer usual = USUAL_HEADS.get(patches.shape().getFirst());
    if (usual == null) {
      throw new IOException(where + " does not say how many heads there are (num_heads)");
    }
    return usual;
  }

  private static ParisFile checked(String where, JsonNode config, Map<String, String> properties)
      throws IOException {
    Set<String> unread = new TreeSet<>();
    config.properties().forEach(entry -> unread.add(entry.getKey()));
    unread.removeIf(key -> key.startsWith("_"));
    for (Map.Entry<String, String> property : properties.entrySet()) {
      for (String key : KEYS.getOrDefault(property.getKey(), List.of())) {
        unread.remove(key);
        JsonNode value = config.path(key);
        if (!value.isMissingNode() && !value.toString().equals(property.getValue())) {
          throw new IOException(
              "%s: %s is %s, and the weights say %s"
                  .formatted(where, key, PlainText.shown(value), property.getValue()));
        }
      }
    }
    for (String key : OBJECTIVES) {
      unread.remove(key);
      JsonNode value = config.path(key);
      if (!value.isMissingNode() && !FLOWS.contains(value.asString(""))) {
        throw new IOException(
            "%s: %s is %s, not one of %s"
                .formatted(where, key, PlainText.shown(value), new TreeSet<>(FLOWS)));
      }
    }
    return new ParisFile(properties, unread);
  }
}
