package org.skerry.diffusion.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.ParameterSpec;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.torch.Kernels;

/**
 * Muon (Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024) for the
 * weight matrices between hidden layers, {@link AdamW} for all other parameters, after clipping all
 * gradients to one global norm:
 *
 * <pre>
 * b ← 0.95 b + 0.05 g,   u = 0.05 g + 0.95 b
 * p ← p · (1 - lr · weightDecay) - lr · 0.2 √max(rows, columns) · orthogonal(u)
 * </pre>
 *
 * <p>{@code orthogonal} brings all singular values near 1, so that every direction of a matrix
 * learns at one pace. The factor gives an update the size of AdamW's (Liu et al., arXiv
 * 2502.16982), so one learning rate serves both. A convolution is the matrix of its output channels
 * by everything else.
 *
 * <p>Its state is {@code momentum.<name>} of the matrices, and AdamW's of the others.
 */
public final class Muon extends Optimizer {
  static final String MOMENTUM = "momentum.";

  private final List<NDArray> others;
  private final List<NDArray> matrices;
  private final List<NDArray> arrays;

  /** An optimizer at step 0 that moves {@code parameters}, which must require gradients. */
  public Muon(Parameters parameters, Settings settings) {
    super(parameters, settings);
    Map<String, NDArray> rest = parameters.trainable();
    Map<String, NDArray> hidden = new LinkedHashMap<>();
    hidden(parameters.network())
        .forEach(name -> hidden.put(name, Objects.requireNonNull(rest.remove(name))));
    others = List.copyOf(rest.values());
    matrices = List.copyOf(hidden.values());
    arrays = new ArrayList<>(others);
    arrays.addAll(zeros(AdamW.FIRST, rest, Kernels.FIRST_MOMENT));
    arrays.addAll(zeros(AdamW.SECOND, rest, Kernels.SECOND_MOMENT));
    arrays.addAll(handles(manager, matrices, Kernels.MATRIX));
    arrays.addAll(zeros(MOMENTUM, hidden, Kernels.MATRIX_MOMENTUM));
  }

  /** The names of the weights that are orthogonalised, in the network's order. */
  static List<String> hidden(Network network) {
    return network.parameters().stream()
        .filter(ParameterSpec::hidden)
        .map(ParameterSpec::name)
        .toList();
  }

  @Override
  NDArray update(NDManager scratch, NDArray numbers, NDArray step) {
    var all = new ArrayList<>(arrays);
    all.addAll(gradients(others, scratch, Kernels.GRADIENT));
    all.addAll(gradients(matrices, scratch, Kernels.MATRIX_GRADIENT));
    return Kernels.muon(numbers, step, all);
  }
}
