package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.skerry.diffusion.Initialiser.Normal;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Kernels;

/**
 * The text half of CLIP (Radford et al., arXiv 2103.00020): a transformer with its norms before
 * attention and perceptron, in which each token sees itself and those before it.
 *
 * <p>Names and arithmetic are those of Hugging Face's {@code CLIPTextModel}: learned positions,
 * layer norm with ε 1e-5 and, for the models by OpenAI, GELU as {@code x · sigmoid(1.702 x)}. What
 * comes out is the state behind the final norm, of padding too: pictures are made from all of it,
 * and what a token means does not depend on those behind it. The projection into the space that
 * texts share with images is not part of it.
 */
public record ClipTextEncoder(ClipTextConfig config) implements TextEncoder {
  static final String TOKENS = "text_model.embeddings.token_embedding.weight";
  static final String POSITIONS = "text_model.embeddings.position_embedding.weight";

  /** A buffer that older files keep: 0, 1, 2… */
  private static final String POSITION_IDS = "text_model.embeddings.position_ids";

  private static final String FINAL_NORM = "text_model.final_layer_norm";

  /** The standard deviation that OpenAI's token embedding starts with. */
  private static final double SPREAD = 0.02;

  static List<ParameterSpec> parameters(ClipTextConfig c) {
    var out = new ArrayList<ParameterSpec>();
    out.add(ParameterSpec.of(new Normal(SPREAD), TOKENS, c.vocabulary(), c.width()));
    out.add(ParameterSpec.of(new Normal(SPREAD), POSITIONS, c.maxTokens(), c.width()));
    for (int i = 0; i < c.depth(); i++) {
      String layer = layer(i);
      out.addAll(Layers.norm(layer + ".layer_norm1", c.width()));
      for (String part : List.of("q_proj", "k_proj", "v_proj", "out_proj")) {
        out.addAll(Layers.linear(layer + ".self_attn." + part, c.width(), c.width()));
      }
      out.addAll(Layers.norm(layer + ".layer_norm2", c.width()));
      out.addAll(Layers.linear(layer + ".mlp.fc1", c.width(), c.inner()));
      out.addAll(Layers.linear(layer + ".mlp.fc2", c.inner(), c.width()));
    }
    out.addAll(Layers.norm(FINAL_NORM, c.width()));
    return List.copyOf(out);
  }

  private static String layer(int index) {
    return "text_model.encoder.layers." + index;
  }

  static String perceptron(int layer) {
    return layer(layer) + ".mlp.fc1.weight";
  }

  /** Half precision becomes float32; the numbers of the positions are left out. */
  @Override
  public Map<String, HostTensor> adapted(Map<String, HostTensor> tensors) {
    var out = new LinkedHashMap<String, HostTensor>();
    tensors.forEach((name, tensor) -> {
      if (!name.equals(POSITION_IDS)) {
        out.put(name, tensor.widened());
      }
    });
    return out;
  }

  @Override
  public NDArray forward(Parameters p, NDArray ids) {
    TextEncoder.require(config, ids);
    NDArray x = Kernels.embedText(ids, List.of(p.get(TOKENS), p.get(POSITIONS)));
    boolean quick = config.activation() == ClipTextConfig.Activation.QUICK_GELU;
    for (int i = 0; i < config.depth(); i++) {
      x = Kernels.clipBlock(x, config.heads(), quick, p.layer(layer(i)));
    }
    return Kernels.layerNorm(x, p.layer(FINAL_NORM));
  }
}
