package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Recomputation;

/**
 * The way down of a {@link UNet}, pooled over all pixels, with a linear head: a classifier of noisy
 * images (Dhariwal and Nichol, arXiv 2105.05233, section 4), in conventions and names of this
 * project.
 */
public record UNetClassifier(UNetClassifierConfig config) implements Network {
  static List<ParameterSpec> parameters(UNetClassifierConfig c) {
    int e = c.embedding();
    var out = new ArrayList<>(UNetBlocks.stem(c.channels(), c.width(), e));
    int width = c.width();
    for (int level = 0; level < c.levels(); level++) {
      if (level > 0) {
        out.addAll(Layers.convolution("downsample." + (level - 1), width, 2L * width, 3));
        width *= 2;
      }
      out.addAll(UNetBlocks.residual("down." + level, width, width, e));
    }
    out.addAll(Layers.atEdge(Layers.linear("head", width, c.classes())));
    return List.copyOf(out);
  }

  @Override
  public NDArray forward(Parameters p, NDArray x, NDArray t, @Nullable NDArray labels) {
    NDArray time = UNetBlocks.time(p, t);
    NDArray c =
        Recomputation.input(Kernels.silu(Conditioning.add(time, 0, labels, p, "label_embed")));
    NDArray y = Recomputation.input(Kernels.convolve(x, p.layer("in")));
    for (int level = 0; level < config.levels(); level++) {
      if (level > 0) {
        y = Recomputation.input(Kernels.downsample(y, p.layer("downsample." + (level - 1))));
      }
      y = UNetBlocks.residual(p, "down." + level, y, c, config.groups());
    }
    return Kernels.pooledHead(y, p.layer("head"));
  }
}
