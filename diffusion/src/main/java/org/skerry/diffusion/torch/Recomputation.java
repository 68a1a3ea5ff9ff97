package org.skerry.diffusion.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/**
 * Gradient checkpointing (Chen et al., "Training Deep Nets with Sublinear Memory Cost", arXiv
 * 1604.06174): the forward pass keeps the inputs of each {@link #block} only; on the way back, each
 * block is computed once more, and its gradient right after.
 *
 * <p>The network is cut into pieces whose ends are leaves of autograd's graph. The gradient that
 * arrives at a leaf is what the piece before it goes on from, last piece first. Owned by the thread
 * that trains, for one step.
 */
public final class Recomputation {
  private static final ScopedValue<Recomputation> CURRENT = ScopedValue.newInstance();

  /** A value that others were computed from, and how to compute it with gradients. */
  private record Piece(Supplier<NDArray> body, NDArray leaf) {}

  private final Deque<Piece> pieces = new ArrayDeque<>();

  Recomputation() {}

  /**
   * What blocks read although no block made it; they and all others must go on with the result.
   * {@code x} itself when nothing is to be computed again.
   */
  public static NDArray input(NDArray x) {
    return CURRENT.isBound() ? CURRENT.get().cut(x) : x;
  }

  /**
   * Computes a block, once more in the backward pass when that is wanted.
   *
   * @param body a function of parameters, of results of {@link #block} and of {@link #input}, and
   *     of nothing else that has a gradient; one kernel, or what it leaves behind stays until the
   *     step ends
   */
  public static NDArray block(Supplier<NDArray> body) {
    return CURRENT.isBound() ? CURRENT.get().forget(body) : body.get();
  }

  NDArray run(NDManager step, Supplier<NDArray> loss, double scale) {
    return ScopedValue.where(CURRENT, this)
        .call(() -> {
          NDArray value = Torch.backward(step, loss, scale);
          while (!pieces.isEmpty()) {
            Piece piece = pieces.pop();
            try (NDArray leaf = piece.leaf();
                NDArray gradient = leaf.getGradient()) {
              Torch.backward(piece.body(), gradient).close();
            }
          }
          return value;
        });
  }

  private NDArray cut(NDArray x) {
    return leaf(() -> x, x.stopGradient());
  }

  private NDArray forget(Supplier<NDArray> body) {
    return leaf(body, Torch.withoutGradients(body));
  }

  private NDArray leaf(Supplier<NDArray> body, NDArray leaf) {
    leaf.setRequiresGradient(true);
    pieces.push(new Piece(body, leaf));
    return leaf;
  }
}
