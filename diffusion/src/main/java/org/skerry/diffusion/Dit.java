package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Initialiser.Normal;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Recomputation;

/**
 * The diffusion transformer (Peebles and Xie, arXiv 2212.09748) with the parameter names and the
 * arithmetic of facebookresearch/DiT, which willisma/SiT (Ma et al., arXiv 2401.08740) shares:
 * adaLN-Zero, layer norm with ε 1e-6, tanh GELU, fixed sine-cosine positions.
 *
 * <p>Time here is 0 at data and 1 at noise; {@link DitConvention} says how it and the output are
 * turned into the reference's. The output is read as a velocity; with {@code learnSigma} the
 * channels of the variance are dropped. A published SiT predicts velocities. A published DiT
 * predicts noise on another path: {@link NoisePrediction} reads it.
 */
public record Dit(DitConfig config) implements Network {
  private static final String LABELS = "y_embedder.embedding_table.weight";

  static List<ParameterSpec> parameters(DitConfig c) {
    var out = new ArrayList<>(DitBlocks.stem(c.channels(), c.imageSize(), c.patch(), c.hidden()));
    if (c.labels() > 0) {
      out.add(ParameterSpec.of(new Normal(0.02), LABELS, c.labels() + 1, c.hidden()));
    }
    for (int i = 0; i < c.depth(); i++) {
      out.addAll(DitBlocks.block(i, c.hidden(), c.mlpHidden()));
    }
    long perPatch = (long) c.patch() * c.patch() * c.channels() * (c.learnSigma() ? 2 : 1);
    out.addAll(DitBlocks.velocityHead(c.hidden(), perPatch));
    return List.copyOf(out);
  }

  @Override
  public NDArray forward(Parameters p, NDArray x, NDArray t, @Nullable NDArray labels) {
    return switch (config.convention()) {
      case DIT -> prediction(p, x, t.mul(1000f), labels);
      case SIT -> prediction(p, x, t.neg().add(1f), labels).neg();
    };
  }

  /**
   * These parameters as the reference's {@code load_state_dict(strict=True)} takes them. They are
   * the same names; but the reference always has a table of labels, so that a network without
   * labels gets one of a single zero row, which is {@code num_classes=0} there.
   */
  public Map<String, HostTensor> stateDict(Parameters p) {
    Map<String, HostTensor> tensors = p.snapshot();
    if (config.labels() == 0) {
      tensors.put(LABELS, HostTensor.of(new float[config.hidden()], 1, config.hidden()));
    }
    return tensors;
  }

  /** The reference's forward without the channels of the variance. */
  NDArray prediction(Parameters p, NDArray x, NDArray time, @Nullable NDArray labels) {
    NDArray out = reference(p, x, time, labels);
    return config.learnSigma() ? out.get(new NDIndex(":, :{}", config.channels())) : out;
  }

  /** The reference's own forward, at the reference's own time, with all output channels. */
  NDArray reference(Parameters p, NDArray x, NDArray referenceTime, @Nullable NDArray labels) {
    NDArray time = DitBlocks.time(p, referenceTime);
    NDArray c =
        Recomputation.input(
            Conditioning.add(time, config.labels(), labels, p, "y_embedder.embedding_table"));
    NDArray y = DitBlocks.blocks(p, DitBlocks.tokens(p, x), c, config.depth(), config.heads());
    NDArray out = Kernels.ditFinal(y, c, p.layer("final_layer"));
    return Kernels.unpatchify(out, config.imageSize() / config.patch(), config.patch());
  }
}
