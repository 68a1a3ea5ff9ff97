package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Initialiser.Normal;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Kernels;

/**
 * The encoder of T5 (Raffel et al., arXiv 1910.10683): a transformer without biases, with RMS norms
 * (ε 1e-6) before attention and perceptron, and products that are not scaled but get a number for
 * the distance of their tokens, learned for buckets that widen as the logarithm, in the first block
 * and used by all.
 *
 * <p>Names and arithmetic are those of Hugging Face's {@code T5EncoderModel}. Its weights overflow
 * in float16; they are computed with in float32.
 */
public record T5Encoder(T5Config config) implements TextEncoder {
  static final String TOKENS = "shared.weight";

  /** The same table under the name that some files have besides, or instead. */
  static final String TIED_TOKENS = "encoder.embed_tokens.weight";

  static final String DISTANCES =
      "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight";
  static final String QUERIES = "encoder.block.0.layer.0.SelfAttention.q.weight";
  static final String GATE = "encoder.block.0.layer.1.DenseReluDense.wi_0.weight";

  private static final String FINAL_NORM = "encoder.final_layer_norm";

  /** What is added to a product so that nothing comes through: as far down as float32 goes. */
  private static final float NOTHING = -Float.MAX_VALUE;

  static List<ParameterSpec> parameters(T5Config c) {
    long width = c.width();
    long heads = (long) c.heads() * c.headWidth();
    var out = new ArrayList<ParameterSpec>();
    out.add(table(TOKENS, c.vocabulary(), width));
    for (int i = 0; i < c.depth(); i++) {
      String attention = block(i) + ".layer.0.SelfAttention.";
      for (String part : List.of("q", "k", "v")) {
        out.add(matrix(attention + part, width, heads));
      }
      out.add(matrix(attention + "o", heads, width));
      out.add(ParameterSpec.of(Layers.ONE, block(i) + ".layer.0.layer_norm.weight", width));
      out.add(ParameterSpec.of(Layers.ONE, block(i) + ".layer.1.layer_norm.weight", width));
      String perceptron = block(i) + ".layer.1.DenseReluDense.";
      for (String part : gated(c) ? List.of("wi_0", "wi_1") : List.of("wi")) {
        out.add(matrix(perceptron + part, width, c.inner()));
      }
      out.add(matrix(perceptron + "wo", c.inner(), width));
    }
    // Behind all others of its block, whose kernel counts from the front.
    out.add(table(DISTANCES, c.buckets(), c.heads()));
    out.add(ParameterSpec.of(Layers.ONE, FINAL_NORM + ".weight", width));
    return List.copyOf(out);
  }

  private static ParameterSpec table(String name, long rows, long columns) {
    return ParameterSpec.of(new Normal(1), name, rows, columns);
  }

  private static ParameterSpec matrix(String name, long in, long out) {
    return ParameterSpec.hidden(new Normal(1 / StrictMath.sqrt(in)), name + ".weight", out, in);
  }

  private static String block(int index) {
    return "encoder.block." + index;
  }

  static String output(int block) {
    return block(block) + ".layer.1.DenseReluDense.wo.weight";
  }

  private static boolean gated(T5Config config) {
    return config.activation() == T5Config.Activation.GATED_GELU;
  }

  /** Half precision becomes float32, and the table of tokens has one name. */
  @Override
  public Map<String, HostTensor> adapted(Map<String, HostTensor> tensors) {
    var out = new LinkedHashMap<String, HostTensor>();
    tensors.forEach((name, tensor) -> {
      if (!name.equals(TIED_TOKENS)) {
        out.put(name, tensor.widened());
      } else if (!tensors.containsKey(TOKENS)) {
        out.put(TOKENS, tensor.widened());
      }
    });
    return out;
  }

  @Override
  public NDArray forward(Parameters p, NDArray ids) {
    return forward(p, ids, null);
  }

  /**
   * As {@link #forward(Parameters, NDArray)}, where some tokens are only padding.
   *
   * @param mask {@code [batch, tokens]} float32: 1 for tokens that are seen, 0 for padding, whose
   *     own states mean nothing; null when all are seen
   */
  public NDArray forward(Parameters p, NDArray ids, @Nullable NDArray mask) {
    TextEncoder.require(config, ids);
    int tokens = (int) ids.getShape().get(1);
    NDArray buckets = ids.getManager().create(buckets(tokens), new Shape(tokens, tokens));
    NDArray bias = Kernels.positionBias(buckets, List.of(p.get(DISTANCES)));
    if (mask != null) {
      NDArray unseen = mask.mul(-1f).add(1f).mul(NOTHING);
      bias = bias.add(unseen.reshape(ids.getShape().get(0), 1, 1, tokens));
    }
    NDArray x = Kernels.embedText(ids, List.of(p.get(TOKENS)));
    for (int i = 0; i < config.depth(); i++) {
      x = Kernels.t5Block(x, bias, config.heads(), gated(config), p.layer(block(i)));
    }
    return Kernels.rmsNorm(x, p.layer(FINAL_NORM));
  }

  private long[] buckets(int tokens) {
    var out = new long[tokens * tokens];
    for (int query = 0; query < tokens; query++) {
      for (int key = 0; key < tokens; key++) {
        out[query * tokens + key] = bucket(key - query);
      }
    }
    return out;
  }

  /**
   * The bucket of a distance {@code d}: within each direction's half {@code h}, {@code |d|} below
   * {@code h/2}, else {@code h/2 + ⌊h/2 · ln(2|d|/h) / ln(2 maxDistance/h)⌋}, at most the last. In
   * float32, as the reference, so that the edges lie where they lay in training.
   *
   * @param distance the key's position less the query's
   */
  int bucket(int distance) {
    int half = config.buckets() / 2;
    int exact = half / 2;
    int away = Math.abs(distance);
    int within = away;
    if (away >= exact) {
      float logarithm = (float) Math.log((float) away / exact);
      float share = logarithm / (float) Math.log((double) config.maxDistance() / exact);
      within = Math.min(half - 1, exact + (int) (share * (half - exact)));
    }
    return within + (distance > 0 ? half : 0);
  }
}
