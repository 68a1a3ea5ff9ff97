package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.skerry.diffusion.Initialiser.Normal;
import org.skerry.diffusion.Initialiser.SinCosTable;
import org.skerry.diffusion.Initialiser.Uniform;
import org.skerry.diffusion.torch.Kernels;

/** What the expert and the router of Paris have in common, under its names. */
final class ParisBlocks {
  private ParisBlocks() {}

  static List<ParameterSpec> stem(int channels, int imageSize, int patch, int hidden) {
    int side = imageSize / patch;
    long fanIn = (long) channels * patch * patch;
    var out = new ArrayList<ParameterSpec>();
    out.addAll(
        Layers.atEdge(
            Layers.weightAndBias(
                Uniform.xavier(fanIn, hidden),
                Layers.ZERO,
                "patch_embed",
                hidden,
                channels,
                patch,
                patch)));
    out.add(
        new ParameterSpec(
            "pos_embed",
            new Shape(1, (long) side * side, hidden),
            new SinCosTable(side, hidden),
            true,
            false));
    out.addAll(dense("time_embed.mlp.0", Layers.FREQUENCIES, hidden));
    out.addAll(dense("time_embed.mlp.2", hidden, hidden));
    return out;
  }

  /** The parameters of {@code torch.nn.MultiheadAttention}: rows of the first are q, k, v. */
  static List<ParameterSpec> attention(String name, int hidden) {
    var out = new ArrayList<>(projections(name, hidden));
    out.addAll(dense(name + ".out_proj", hidden, hidden));
    return out;
  }

  /** As {@link #attention}, which starts without a say. */
  static List<ParameterSpec> crossAttention(String name, int hidden) {
    var out = new ArrayList<>(projections(name, hidden));
    out.addAll(Layers.zeroLinear(name + ".out_proj", hidden, hidden));
    return out;
  }

  private static List<ParameterSpec> projections(String name, int hidden) {
    var out = new ArrayList<ParameterSpec>();
    out.add(
        ParameterSpec.hidden(
            Uniform.xavier(hidden, hidden), name + ".in_proj_weight", 3L * hidden, hidden));
    out.add(ParameterSpec.of(Layers.ZERO, name + ".in_proj_bias", 3L * hidden));
    return out;
  }

  static List<ParameterSpec> perceptron(String name, int hidden, int mlpHidden) {
    var out = new ArrayList<>(dense(name + ".0", hidden, mlpHidden));
    out.addAll(dense(name + ".2", mlpHidden, hidden));
    return out;
  }

  static List<ParameterSpec> dense(String name, long in, long out) {
    return Layers.weightAndBias(Uniform.xavier(in, out), Layers.ZERO, name, out, in);
  }

  /** What adaLN-single adds to the shared modulation. */
  static ParameterSpec scaleShiftTable(String layer, int rows, int hidden) {
    return ParameterSpec.of(
        new Normal(1 / StrictMath.sqrt(hidden)), layer + ".scale_shift_table", rows, hidden);
  }

  static NDArray tokens(Parameters p, NDArray x) {
    var stem = new ArrayList<>(p.layer("patch_embed"));
    stem.add(p.get("pos_embed"));
    return Kernels.patchify(x, stem);
  }

  /** Paris counts time as DiT counts its steps. */
  static NDArray time(Parameters p, NDArray t) {
    return Kernels.timeEmbedding(t.mul(1000f), p.layer("time_embed"));
  }
}
