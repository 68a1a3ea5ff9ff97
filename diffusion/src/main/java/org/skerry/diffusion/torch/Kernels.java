package org.skerry.diffusion.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Fused operations that DJL has no call for, written in TorchScript ({@code kernels.torchscript}):
 * one native call each, with gradients. Matrix products, convolutions and attention run in {@link
 * Precision#current}; arguments and results are float32 in any.
 *
 * <p>Every result belongs to the manager of the first argument, so the first argument is an
 * activation of the running step, never a weight. Weights come as one list per call, in the order
 * that the kernel names; lists are recognised by the array name {@link #PARAMETER}.
 */
public final class Kernels {
  /** The name that arrays must carry to be passed as the parameter list of a kernel. */
  public static final String PARAMETER = "p[]";

  /** The name of arrays that a kernel only reads. */
  public static final String SOURCE = "q[]";

  /** The name of arrays that hold gradients. */
  public static final String GRADIENT = "g[]";

  /** The name of arrays that hold an optimizer's first moments. */
  public static final String FIRST_MOMENT = "m[]";

  /** The name of arrays that hold an optimizer's second moments. */
  public static final String SECOND_MOMENT = "v[]";

  /** The name of weights that are orthogonalised. */
  public static final String MATRIX = "w[]";

  /** The name of arrays that hold the momentum of those. */
  public static final String MATRIX_MOMENTUM = "b[]";

  /** The name of arrays that hold the gradients of those. */
  public static final String MATRIX_GRADIENT = "d[]";

  private Kernels() {}

  /** {@code x · sigmoid(x)}. */
  public static NDArray silu(NDArray x) {
    return call("silu", x);
  }

  /** The tanh form of GELU, which DiT and SiT use. */
  public static NDArray gelu(NDArray x) {
    return call("gelu", x);
  }

  /** The exact form of GELU, {@code x Φ(x)}, which vision transformers such as DINOv2 use. */
  public static NDArray geluErf(NDArray x) {
    return call("gelu_erf", x);
  }

  /**
   * The sinusoid of a time: {@code concat(cos(t f), sin(t f))}, {@code f_i = exp(-ln(10000) i /
   * 128)}.
   *
   * @param t {@code [batch]}, on the scale that the weights were trained with
   * @return {@code [batch, 256]}
   */
  public static NDArray timestepFrequencies(NDArray t) {
    return call("timestep_frequencies", t);
  }

  /**
   * The sinusoid through a two-layer perceptron with SiLU between.
   *
   * @param t {@code [batch]}, on the scale that the weights were trained with
   * @param p weight and bias of both layers
   * @return {@code [batch, width]}
   */
  public static NDArray timeEmbedding(NDArray t, List<NDArray> p) {
    return call("time_embedding", p, t);
  }

  /** Adds row {@code label} of the table {@code p[0]} to {@code c [batch, width]}. */
  public static NDArray addLabel(NDArray c, NDArray label, List<NDArray> p) {
    return call("add_label", p, c, label);
  }

  /** A 3×3 convolution that keeps the size; {@code p} is weight and bias. */
  public static NDArray convolve(NDArray x, List<NDArray> p) {
    return call("convolve", p, x);
  }

  /** {@link #convolve} of {@link #silu}. */
  public static NDArray siluConvolve(NDArray x, List<NDArray> p) {
    return call("silu_convolve", p, x);
  }

  /** A 3×3 convolution with stride 2; {@code p} is weight and bias. */
  public static NDArray downsample(NDArray x, List<NDArray> p) {
    return call("downsample", p, x);
  }

  /** Doubles {@code x} by nearest neighbour and puts {@code skip}'s channels behind its own. */
  public static NDArray upsampleConcat(NDArray x, NDArray skip) {
    return call("upsample_concat", x, skip);
  }

  /** The mean over all pixels through a linear layer: {@code [batch, classes]}. */
  public static NDArray pooledHead(NDArray x, List<NDArray> p) {
    return call("pooled_head", p, x);
  }

  /**
   * Group normalisation whose scale and shift depend on the sample: {@code norm(x) (1 + scale) +
   * shift}, where {@code norm} has the affine parameters {@code p}.
   *
   * <p>Scale and shift are folded into the affine parameters of one normalisation over {@code batch
   * × groups} groups, which saves a pass over the activation in each direction.
   *
   * @param x {@code [batch, channels, height, width]}
   * @param modulation {@code [batch, 2 · channels]}, scale before shift
   */
  public static NDArray groupNormModulate(
      NDArray x, NDArray modulation, int groups, List<NDArray> p) {
    return call("group_norm_modulate", p, x, modulation, integer(groups));
  }

  /**
   * A residual block: {@code skip(x) + conv(silu(modulate(norm(conv(silu(norm(x)))))))}.
   *
   * @param x {@code [batch, in, height, width]}
   * @param c {@code [batch, width]}, the condition, SiLU already applied
   * @param p norm1, conv1, modulation, norm2, conv2 and, when the channels change, skip: a weight
   *     and a bias each
   */
  public static NDArray residual(NDArray x, NDArray c, int groups, List<NDArray> p) {
    return call("residual", p, x, c, integer(groups));
  }

  /**
   * Cuts an image into square patches, embeds them and adds the position table.
   *
   * @param x {@code [batch, channels, side, side]}
   * @param p projection weight {@code [hidden, channels, patch, patch]}, its bias, the position
   *     table {@code [1, tokens, hidden]}
   * @return {@code [batch, tokens, hidden]}, tokens row by row
   */
  public static NDArray patchify(NDArray x, List<NDArray> p) {
    return call("patchify", p, x);
  }

  /** Puts the token {@code p[0] [1, 1, hidden]} before the tokens of {@code x}. */
  public static NDArray prepend(NDArray x, List<NDArray> p) {
    return call("prepend", p, x);
  }

  /** Reads the logits from the first token: modulated norm, then linear. */
  public static NDArray tokenHead(NDArray x, NDArray c, List<NDArray> p) {
    return call("token_head", p, x, c);
  }

  /** Layer normalisation without affine parameters (ε 1e-6), times 1 + scale, plus shift. */
  public static NDArray modulate(NDArray x, NDArray shift, NDArray scale) {
    return call("modulate", x, shift, scale);
  }

  /**
   * A transformer block with adaLN-Zero (Peebles and Xie, arXiv 2212.09748).
   *
   * @param x {@code [batch, tokens, hidden]}
   * @param c {@code [batch, hidden]}, the condition before SiLU
   * @param p attn.qkv, attn.proj, mlp.fc1, mlp.fc2, adaLN_modulation.1: a weight and a bias each
   */
  public static NDArray ditBlock(NDArray x, NDArray c, int heads, List<NDArray> p) {
    return call("dit_block", p, x, c, integer(heads));
  }

  /** The final layer; {@code p} is linear and adaLN_modulation.1, a weight and a bias each. */
  public static NDArray ditFinal(NDArray x, NDArray c, List<NDArray> p) {
    return call("dit_final", p, x, c);
  }

  /** The inverse of {@link #patchify}'s cut; {@code side} counts patches, channels are fastest. */
  public static NDArray unpatchify(NDArray x, int side, int patch) {
    return call("unpatchify", x, integer(side), integer(patch));
  }

  /**
   * A text's tokens through a linear layer, repeated for the batch of {@code x} when there is one
   * text for all.
   *
   * @param x whose batch and manager the result gets
   * @param text {@code [1 or batch, tokens, width]}
   * @return {@code [batch, tokens, hidden]}
   */
  public static NDArray projectText(NDArray x, NDArray text, List<NDArray> p) {
    return call("project_text", p, x, text);
  }

  /**
   * The modulation that all blocks of an adaLN-single transformer share (Chen et al., arXiv
   * 2310.00426): {@code linear(silu(t))}.
   *
   * @param t {@code [batch, hidden]}, the time embedding
   * @return {@code [batch, 6, hidden]}
   */
  public static NDArray sharedModulation(NDArray t, List<NDArray> p) {
    return call("shared_modulation", p, t);
  }

  /**
   * A transformer block with adaLN-single and a cross-attention to text that has neither norm nor
   * gate; layer norm with ε 1e-5.
   *
   * @param x {@code [batch, tokens, hidden]}
   * @param modulation {@link #sharedModulation}
   * @param text {@link #projectText}
   * @param mask {@code [batch, 1, 1, tokens of the text]}, added before the softmax; null for none
   * @param p scale_shift_table; attn and cross_attn with in_proj_weight (rows {@code [q|k|v]}),
   *     in_proj_bias and out_proj's weight and bias each; mlp.0, mlp.2: a weight and a bias each
   */
  public static NDArray crossBlock(
      NDArray x,
      NDArray modulation,
      NDArray text,
      @Nullable NDArray mask,
      int heads,
      List<NDArray> p) {
    NDArray given = mask == null ? Holder.NONE : mask;
    return call("cross_block", p, x, modulation, text, given, integer(heads));
  }

  /**
   * The final layer of such a transformer, modulated by the bare time embedding.
   *
   * @param t {@code [batch, hidden]}
   * @param p linear's weight and bias, scale_shift_table
   */
  public static NDArray crossFinal(NDArray x, NDArray t, List<NDArray> p) {
    return call("cross_final", p, x, t);
  }

  /** {@link #ditBlock} with ε 1e-5 in its layer norms. */
  public static NDArray routerBlock(NDArray x, NDArray c, int heads, List<NDArray> p) {
    return call("router_block", p, x, c, integer(heads));
  }

  /**
   * Reads the logits from the first token, without a norm before: linear, GELU, layer norm, GELU,
   * linear.
   *
   * @param p a weight and a bias of each
   */
  public static NDArray perceptronHead(NDArray x, List<NDArray> p) {
    return call("perceptron_head", p, x);
  }

  /** Group normalisation with ε 1e-6; {@code p} is weight and bias. */
  public static NDArray groupNorm(NDArray x, int groups, List<NDArray> p) {
    return call("group_norm", p, x, integer(groups));
  }

  /** A 1×1 convolution; {@code p} is weight and bias. */
  public static NDArray pointwise(NDArray x, List<NDArray> p) {
    return call("pointwise", p, x);
  }

  /**
   * A residual block of an autoencoder: {@code skip(x) + conv(silu(norm(conv(silu(norm(x))))))}, ε
   * 1e-6.
   *
   * @param p norm1, conv1, norm2, conv2 and, when the channels change, conv_shortcut: a weight and
   *     a bias each
   */
  public static NDArray codecResidual(NDArray x, int groups, List<NDArray> p) {
    return call("codec_residual", p, x, integer(groups));
  }

  /**
   * Attention with one head over all pixels, added to {@code x}.
   *
   * @param p group_norm, to_q, to_k, to_v, to_out: a weight and a bias each
   */
  public static NDArray codecAttention(NDArray x, int groups, List<NDArray> p) {
    return call("codec_attention", p, x, integer(groups));
  }

  /** A 3×3 convolution with stride 2 over {@code x} with a row below and a column right of it. */
  public static NDArray codecDownsample(NDArray x, List<NDArray> p) {
    return call("codec_downsample", p, x);
  }

  /** A 3×3 convolution over {@code x} doubled by nearest neighbour. */
  public static NDArray codecUpsample(NDArray x, List<NDArray> p) {
    return call("codec_upsample", p, x);
  }

  /**
   * The tokens of a text: rows of {@code p[0]} and, where there is one, the table of positions
   * {@code p[1]} added.
   *
   * @param ids {@code [batch, tokens]} int64, each a row of {@code p[0]}
   * @return {@code [batch, tokens, hidden]}
   */
  public static NDArray embedText(NDArray ids, List<NDArray> p) {
    return call("embed_text", p, ids);
  }

  /** Layer normalisation of {@code [batch, tokens, hidden]} with ε 1e-5; weight and bias. */
  public static NDArray layerNorm(NDArray x, List<NDArray> p) {
    return call("layer_norm", p, x);
  }

  /**
   * A block of CLIP's text transformer: norm before, each token sees itself and those before it.
   *
   * @param quick GELU as {@code x · sigmoid(1.702 x)}; else the exact one
   * @param p layer_norm1, q_proj, k_proj, v_proj, out_proj, layer_norm2, fc1, fc2: a weight and a
   *     bias each
   */
  public static NDArray clipBlock(NDArray x, int heads, boolean quick, List<NDArray> p) {
    return call("clip_block", p, x, integer(heads), integer(quick ? 1 : 0));
  }

  /** {@code p[0] · x / √(mean(x²) + 1e-6)} over the last axis. */
  public static NDArray rmsNorm(NDArray x, List<NDArray> p) {
    return call("rms_norm", p, x);
  }

  /**
   * What T5's attention adds to its products for the way from one token to another.
   *
   * @param buckets {@code [tokens, tokens]} int64, rows of {@code p[0] [buckets, heads]}
   * @return {@code [1, heads, tokens, tokens]}
   */
  public static NDArray positionBias(NDArray buckets, List<NDArray> p) {
    return call("position_bias", p, buckets);
  }

  /**
   * A block of T5's encoder, whose products are not scaled.
   *
   * @param bias {@code [1 or batch, heads, tokens, tokens]}
   * @param gated tanh GELU of one projection times another; else ReLU of one
   * @param p q, k, v, o, the attention's norm, the perceptron's norm, wi (or wi_0, wi_1), wo
   */
  public static NDArray t5Block(
      NDArray x, NDArray bias, int heads, boolean gated, List<NDArray> p) {
    return call("t5_block", p, x, bias, integer(heads), integer(gated ? 1 : 0));
  }

  /** {@code (1 - t) x0 + t eps}, {@code t [batch]} against {@code [batch, c, h, w]}. */
  public static NDArray flowPoint(NDArray x0, NDArray eps, NDArray t) {
    return call("flow_point", x0, eps, t);
  }

  /** The mean of {@code (v - (eps - x0))²} of each sample: {@code [batch]}. */
  public static NDArray flowLosses(NDArray v, NDArray x0, NDArray eps) {
    return call("flow_losses", v, x0, eps);
  }

  /** The cross-entropy of each sample: logits {@code [batch, classes]}, labels {@code [batch]}. */
  public static NDArray crossEntropies(NDArray logits, NDArray labels) {
    return call("cross_entropies", logits, labels);
  }

  /**
   * Clips the parameters' gradients to a global norm, makes one AdamW step with PyTorch's
   * arithmetic, and zeroes the gradients. Nothing but the gradients changes when their norm is not
   * finite.
   *
   * @param settings float64 {@code [learning rate, beta1, beta2, weight decay, epsilon, max norm,
   *     gradient factor]}; gradients are multiplied with the last first of all
   * @param step a float32 scalar, incremented
   * @param arrays parameters, first moments, second moments and gradients, each named as its
   *     constant says
   * @return the gradients' norm before clipping, a scalar
   */
  public static NDArray adamw(NDArray settings, NDArray step, List<NDArray> arrays) {
    return call("adamw", arrays, settings, step);
  }

  /**
   * As {@link #adamw} for those arrays, and one step of Muon for matrices.
   *
   * @param arrays as for {@link #adamw}, then matrices, their momentum and their gradients; none of
   *     the lists is empty
   */
  public static NDArray muon(NDArray settings, NDArray step, List<NDArray> arrays) {
    return call("muon", arrays, settings, step);
  }

  /**
   * Brings the singular values of a matrix near 1, to within a third, by five Newton-Schulz
   * iterations.
   *
   * @param x {@code [rows, columns…]}; everything behind the first axis counts as columns
   * @return as {@code x}
   */
  public static NDArray orthogonal(NDArray x) {
    return call("orthogonal", x);
  }

  /**
   * Moves every array of {@code to}, named {@link #PARAMETER}, the part {@code weight} of its way
   * to that of {@code from}, named {@link #SOURCE}.
   */
  public static void lerpAll(NDArray weight, List<NDArray> to, List<NDArray> from) {
    NDList list = new NDList(to);
    list.addAll(from);
    call("lerp_all", list, weight);
  }

  /** Copies arrays named {@link #SOURCE} over those named {@link #PARAMETER}, in place. */
  public static void copyAll(List<NDArray> from, List<NDArray> to) {
    NDList list = new NDList(from);
    list.addAll(to);
    call("copy_all", list);
  }

  /** Zeroes arrays named {@link #GRADIENT}, in place. */
  public static void zeroAll(List<NDArray> gradients) {
    call("zero_all", gradients);
  }

  /** The rows of {@code x} that the int64 array {@code rows} names. */
  public static NDArray takeRows(NDArray x, NDArray rows) {
    return call("take_rows", x, rows);
  }

  /**
   * Adds {@code v · weight} to the rows of {@code sum} that {@code rows} names, in place.
   *
   * @return {@code sum}, under a handle of its own
   */
  public static NDArray mixRows(NDArray sum, NDArray rows, NDArray v, NDArray weight) {
    return call("mix_rows", sum, rows, v, weight);
  }

  /** The kernels of the precision of the running scope. */
  private static TorchScript script() {
    return Holder.SCRIPTS.computeIfAbsent(
        Precision.current(), precision -> script(precision, precision.hostArithmetic()));
  }

  /**
   * @param hostArithmetic what products are computed in on a processor, from operands rounded to
   *     {@code precision}
   */
  static TorchScript script(Precision precision, Precision hostArithmetic) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    numbers.put("precision", precision.scalarType);
    numbers.put("host_arithmetic", hostArithmetic.scalarType);
    return new TorchScript(Holder.MANAGER, Holder.source(), numbers);
  }

  private static NDArray call(String method, NDArray... arguments) {
    return script().call(method, new NDList(arguments));
  }

  private static NDArray call(String method, List<NDArray> p, NDArray... arguments) {
    NDList list = new NDList(arguments);
    list.addAll(p);
    return script().call(method, list);
  }

  private static NDArray integer(int value) {
    return Holder.INTEGERS.computeIfAbsent(value, v -> Holder.MANAGER.create((long) v));
  }

  /** Lives as long as the process. */
  private static final class Holder {
    static final NDManager MANAGER = Torch.newManager();

    /** An argument that is left out. */
    static final NDArray NONE = MANAGER.create(new float[0]);

    static final Map<Precision, TorchScript> SCRIPTS = new ConcurrentHashMap<>();
    static final Map<Integer, NDArray> INTEGERS = new ConcurrentHashMap<>();

    private static String source() {
      try (InputStream in = Kernels.class.getResourceAsStream("kernels.torchscript")) {
        if (in == null) {
          throw new IllegalStateException("kernels.torchscript is missing from the jar");
        }
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException("kernels.torchscript cannot be read", e);
      }
    }
  }
}
