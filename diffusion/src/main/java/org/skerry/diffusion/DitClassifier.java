package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Initialiser.Normal;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Recomputation;

/**
 * A {@link Dit} with a class token before the patches, from whose last state the logits come: the
 * router of decentralized diffusion models (arXiv 2501.05450), in facebookresearch/DiT's names
 * where both have a part.
 */
public record DitClassifier(DitClassifierConfig config) implements Network {
  static List<ParameterSpec> parameters(DitClassifierConfig c) {
    var out = new ArrayList<>(DitBlocks.stem(c.channels(), c.imageSize(), c.patch(), c.hidden()));
    out.add(ParameterSpec.of(new Normal(0.02), "cls_token", 1, 1, c.hidden()));
    for (int i = 0; i < c.depth(); i++) {
      out.addAll(DitBlocks.block(i, c.hidden(), c.mlpHidden()));
    }
    out.addAll(DitBlocks.logitHead(c.hidden(), c.classes()));
    return List.copyOf(out);
  }

  @Override
  public NDArray forward(Parameters p, NDArray x, NDArray t, @Nullable NDArray labels) {
    NDArray time = DitBlocks.time(p, t.mul(1000f));
    NDArray c =
        Recomputation.input(Conditioning.add(time, 0, labels, p, "y_embedder.embedding_table"));
    NDArray tokens = Kernels.prepend(DitBlocks.tokens(p, x), List.of(p.get("cls_token")));
    NDArray y = DitBlocks.blocks(p, tokens, c, config.depth(), config.heads());
    return Kernels.tokenHead(y, c, p.layer("final_layer"));
  }
}
