package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.skerry.diffusion.Initialiser.Normal;
import org.skerry.diffusion.Initialiser.SinCosTable;
import org.skerry.diffusion.Initialiser.Uniform;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Recomputation;

/** What the transformer and its classifier have in common, under facebookresearch/DiT's names. */
final class DitBlocks {
  private DitBlocks() {}

  static List<ParameterSpec> stem(int channels, int imageSize, int patch, int hidden) {
    int side = imageSize / patch;
    long pixels = (long) channels * patch * patch;
    var out = new ArrayList<ParameterSpec>();
    out.add(
        new ParameterSpec(
            "pos_embed",
            new Shape(1, (long) side * side, hidden),
            new SinCosTable(side, hidden),
            false,
            false));
    out.addAll(
        Layers.atEdge(
            Layers.weightAndBias(
                Uniform.xavier(pixels, hidden),
                Layers.ZERO,
                "x_embedder.proj",
                hidden,
                channels,
                patch,
                patch)));
    out.addAll(normal("t_embedder.mlp.0", Layers.FREQUENCIES, hidden));
    out.addAll(normal("t_embedder.mlp.2", hidden, hidden));
    return out;
  }

  static List<ParameterSpec> block(int index, int hidden, int mlpHidden) {
    String name = "blocks." + index;
    var out = new ArrayList<ParameterSpec>();
    out.addAll(xavier(name + ".attn.qkv", hidden, 3L * hidden));
    out.addAll(xavier(name + ".attn.proj", hidden, hidden));
    out.addAll(xavier(name + ".mlp.fc1", hidden, mlpHidden));
    out.addAll(xavier(name + ".mlp.fc2", mlpHidden, hidden));
    out.addAll(Layers.zeroLinear(name + ".adaLN_modulation.1", hidden, 6L * hidden));
    return out;
  }

  /** A velocity starts at zero. */
  static List<ParameterSpec> velocityHead(long hidden, long outputs) {
    var out =
        new ArrayList<>(Layers.atEdge(Layers.zeroLinear("final_layer.linear", hidden, outputs)));
    out.addAll(Layers.zeroLinear("final_layer.adaLN_modulation.1", hidden, 2 * hidden));
    return out;
  }

  /**
   * Logits must not start at zero: with every block the identity, the class token would not know
   * the image, and on balanced batches no gradient would reach anything.
   */
  static List<ParameterSpec> logitHead(long hidden, long classes) {
    var out = new ArrayList<>(Layers.atEdge(xavier("final_layer.linear", hidden, classes)));
    out.addAll(Layers.zeroLinear("final_layer.adaLN_modulation.1", hidden, 2 * hidden));
    return out;
  }

  static NDArray tokens(Parameters p, NDArray x) {
    var stem = new ArrayList<>(p.layer("x_embedder.proj"));
    stem.add(p.get("pos_embed"));
    return Kernels.patchify(x, stem);
  }

  /** {@code t} is the reference's own time: DiT's from 0 to 1000, SiT's from 0 to 1. */
  static NDArray time(Parameters p, NDArray t) {
    return Kernels.timeEmbedding(t, p.layer("t_embedder"));
  }

  /** {@code c} is a {@link Recomputation#input}. */
  static NDArray blocks(Parameters p, NDArray tokens, NDArray c, int depth, int heads) {
    NDArray y = Recomputation.input(tokens);
    for (int i = 0; i < depth; i++) {
      NDArray x = y;
      List<NDArray> layer = p.layer("blocks." + i);
      y = Recomputation.block(() -> Kernels.ditBlock(x, c, heads, layer));
    }
    return y;
  }

  private static List<ParameterSpec> normal(String name, long in, long out) {
    return Layers.weightAndBias(new Normal(0.02), Layers.ZERO, name, out, in);
  }

  private static List<ParameterSpec> xavier(String name, long in, long out) {
    return Layers.weightAndBias(Uniform.xavier(in, out), Layers.ZERO, name, out, in);
  }
}
