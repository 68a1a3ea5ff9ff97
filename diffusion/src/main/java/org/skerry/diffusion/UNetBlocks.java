package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Recomputation;

/** What the U-Net and the classifier on its way down have in common. */
final class UNetBlocks {
  private UNetBlocks() {}

  static List<ParameterSpec> stem(int channels, int width, int embedding) {
    var out = new ArrayList<ParameterSpec>();
    out.addAll(Layers.linear("time_embed.0", Layers.FREQUENCIES, embedding));
    out.addAll(Layers.linear("time_embed.2", embedding, embedding));
    out.addAll(Layers.atEdge(Layers.convolution("in", channels, width, 3)));
    return out;
  }

  static List<ParameterSpec> residual(String name, int in, int out, int embedding) {
    var list = new ArrayList<ParameterSpec>();
    list.addAll(Layers.norm(name + ".norm1", in));
    list.addAll(Layers.convolution(name + ".conv1", in, out, 3));
    list.addAll(Layers.linear(name + ".modulation", embedding, 2L * out));
    list.addAll(Layers.norm(name + ".norm2", out));
    list.addAll(Layers.zeroConvolution(name + ".conv2", out, out, 3));
    if (in != out) {
      list.addAll(Layers.convolution(name + ".skip", in, out, 1));
    }
    return list;
  }

  static NDArray time(Parameters p, NDArray t) {
    return Kernels.timeEmbedding(t.mul(1000f), p.layer("time_embed"));
  }

  /** {@code x} and {@code c} are results of blocks, or a {@link Recomputation#input}. */
  static NDArray residual(Parameters p, String name, NDArray x, NDArray c, int groups) {
    List<NDArray> layer = p.layer(name);
    return Recomputation.block(() -> Kernels.residual(x, c, groups, layer));
  }
}
