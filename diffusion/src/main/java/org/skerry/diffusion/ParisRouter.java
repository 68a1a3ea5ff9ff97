package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Initialiser.Normal;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Recomputation;

/**
 * The router of Paris (arXiv 2510.03434): adaLN-Zero blocks over a class token, which has no
 * position, and the patches; a perceptron reads the logits from the class token, with no norm
 * before it. It sees no text.
 *
 * <p>Names and arithmetic as for {@link ParisExpert}.
 */
public record ParisRouter(ParisRouterConfig config) implements Network {
  static List<ParameterSpec> parameters(ParisRouterConfig c) {
    int hidden = c.hidden();
    var out = new ArrayList<>(ParisBlocks.stem(c.channels(), c.imageSize(), c.patch(), hidden));
    out.add(ParameterSpec.of(new Normal(0.02), "cls_token", 1, 1, hidden));
    for (int i = 0; i < c.depth(); i++) {
      String layer = "layers." + i;
      out.addAll(ParisBlocks.attention(layer + ".attn", hidden));
      out.addAll(ParisBlocks.perceptron(layer + ".mlp", hidden, c.mlpHidden()));
      out.addAll(Layers.zeroLinear(layer + ".adaLN_modulation.1", hidden, 6L * hidden));
    }
    out.addAll(ParisBlocks.dense("head.0", hidden, hidden));
    out.addAll(Layers.norm("head.2", hidden));
    out.addAll(Layers.atEdge(ParisBlocks.dense("head.4", hidden, c.classes())));
    return List.copyOf(out);
  }

  @Override
  public NDArray forward(Parameters p, NDArray x, NDArray t, @Nullable NDArray labels) {
    if (labels != null) {
      throw new IllegalArgumentException("this network takes no labels, and got some");
    }
    NDArray c = Recomputation.input(ParisBlocks.time(p, t));
    NDArray tokens = Kernels.prepend(ParisBlocks.tokens(p, x), List.of(p.get("cls_token")));
    NDArray y = Recomputation.input(tokens);
    for (int i = 0; i < config.depth(); i++) {
      NDArray in = y;
      List<NDArray> layer = p.layer("layers." + i);
      y = Recomputation.block(() -> Kernels.routerBlock(in, c, config.heads(), layer));
    }
    return Kernels.perceptronHead(y, p.layer("head"));
  }
}
