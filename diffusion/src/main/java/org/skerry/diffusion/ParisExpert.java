package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Recomputation;

/**
 * An expert of Paris (arXiv 2510.03434): a transformer over patches with adaLN-single (Chen et al.,
 * arXiv 2310.00426) that looks at a text through a cross-attention in every block.
 *
 * <p>Names and arithmetic are those of a port by a third party (jimburtoft,
 * neuronx-distributed-inference, {@code modeling_paris.py}): attention packed as {@code
 * torch.nn.MultiheadAttention} packs it, layer norm with ε 1e-5, tanh GELU, the cross-attention
 * without norm or gate, the last modulation by the bare time embedding. Time is embedded as {@code
 * 1000 t}, 0 at data; the output is the velocity {@code noise - data}.
 *
 * <p>It is nothing without a text: {@link #field} makes it a velocity field for one. A fresh one
 * looks at texts without seeing anything, as in PixArt-α (Chen et al., arXiv 2310.00426): what its
 * cross-attentions put out starts at zero.
 */
public record ParisExpert(ParisExpertConfig config) implements Network {
  static List<ParameterSpec> parameters(ParisExpertConfig c) {
    int hidden = c.hidden();
    var out = new ArrayList<>(ParisBlocks.stem(c.channels(), c.imageSize(), c.patch(), hidden));
    out.addAll(Layers.atEdge(ParisBlocks.dense("text_proj", c.textWidth(), hidden)));
    out.addAll(Layers.zeroLinear("t_block.1", hidden, 6L * hidden));
    for (int i = 0; i < c.depth(); i++) {
      String layer = "layers." + i;
      out.add(ParisBlocks.scaleShiftTable(layer, 6, hidden));
      out.addAll(ParisBlocks.attention(layer + ".attn", hidden));
      out.addAll(ParisBlocks.crossAttention(layer + ".cross_attn", hidden));
      out.addAll(ParisBlocks.perceptron(layer + ".mlp", hidden, c.mlpHidden()));
    }
    long perPatch = (long) c.patch() * c.patch() * c.channels();
    out.addAll(Layers.atEdge(Layers.zeroLinear("final_layer.linear", hidden, perPatch)));
    out.add(ParisBlocks.scaleShiftTable("final_layer", 2, hidden));
    return List.copyOf(out);
  }

  @Override
  public NDArray forward(Parameters p, NDArray x, NDArray t, @Nullable NDArray labels) {
    throw new IllegalArgumentException("this network looks at texts, and got none");
  }

  @Override
  public NDArray predict(Parameters p, NDArray xT, Batch batch) {
    return forward(p, xT, batch.times(), batch.requiredTexts());
  }

  /**
   * The velocity of each latent under its text. Everything belongs to {@code x}'s manager.
   *
   * @param x {@code [batch, channels, height, width]}
   * @param t {@code [batch]} in {@code [0, 1]}, 0 = data
   * @param texts one, or one for each of the batch: the text encoder's last hidden states. Without
   *     a prompt they are those of the empty text, not zeros
   * @return as {@code x}
   */
  public NDArray forward(Parameters p, NDArray x, NDArray t, Texts texts) {
    Shape shape = texts.states().getShape();
    if (shape.get(2) != config.textWidth()) {
      throw new IllegalArgumentException(
          "text must be [batch, tokens, " + config.textWidth() + "], not " + shape);
    }
    NDArray time = Recomputation.input(ParisBlocks.time(p, t));
    NDArray modulation = Recomputation.input(Kernels.sharedModulation(time, p.layer("t_block")));
    NDArray words =
        Recomputation.input(Kernels.projectText(x, texts.states(), p.layer("text_proj")));
    NDArray y = Recomputation.input(ParisBlocks.tokens(p, x));
    for (int i = 0; i < config.depth(); i++) {
      NDArray in = y;
      List<NDArray> layer = p.layer("layers." + i);
      y =
          Recomputation.block(
              () -> Kernels.crossBlock(in, modulation, words, texts.mask(), config.heads(), layer));
    }
    NDArray out = Kernels.crossFinal(y, time, p.layer("final_layer"));
    return Kernels.unpatchify(out, config.imageSize() / config.patch(), config.patch());
  }

  /**
   * The velocity field of one text, for any batch. {@link Guidance#field} of this and of the empty
   * text's is what Paris samples with.
   *
   * @param text {@code [1, tokens, textWidth]}, which must outlive the field
   */
  public VelocityField field(Parameters p, NDArray text) {
    if (text.getShape().get(0) != 1) {
      throw new IllegalArgumentException("a field has one text, not " + text.getShape().get(0));
    }
    return (x, t) -> forward(p, x, t, Texts.of(text));
  }
}
