package org.skerry.diffusion;

import static org.skerry.diffusion.Vectors.assertClose;
import static org.skerry.diffusion.Vectors.get;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.skerry.diffusion.torch.HostTensors;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Torch;

/**
 * Lays bare each layer norm inside a block, on rows of so little variance that its ε decides: every
 * matrix is the identity, one gate is open, and so the block adds to its input that input's norm.
 */
class BlockNormTest {
  private static final int WIDTH = 64;

  /** So far above zero that GELU is the identity. */
  private static final float OFFSET = 20;

  /** Gate 2 is the attention's, gate 5 the perceptron's. */
  @ParameterizedTest
  @CsvSource({
    "dit-tiny, dit, 2", "dit-tiny, dit, 5",
    "paris-tiny, router, 2", "paris-tiny, router, 5",
    "paris-tiny, cross, 2", "paris-tiny, cross, 5",
  })
  void normsOfBlocksAreTheReferences(String vectors, String block, int gate) {
    try (NDManager manager = Torch.newManager()) {
      NDArray x = HostTensors.toArray(manager, get(Vectors.load(vectors + "/inputs"), "probe_ln"));
      NDArray tokens = x.expandDims(1);
      NDArray gates = manager.zeros(new Shape(6, WIDTH));
      gates.set(new NDIndex(gate), 1);
      NDArray c = x.zerosLike();
      NDArray y =
          switch (block) {
            case "dit" -> Kernels.ditBlock(tokens, c, 4, zeroBlock(manager, gates));
            case "router" -> Kernels.routerBlock(tokens, c, 4, zeroBlock(manager, gates));
            default -> {
              NDArray none = manager.zeros(new Shape(x.getShape().get(0), 6, WIDTH));
              yield Kernels.crossBlock(tokens, none, tokens, null, 4, crossBlock(manager, gates));
            }
          };
      assertClose(
          y.squeeze(1).sub(x), get(Vectors.load(vectors + "/outputs"), "probe_ln"), 2e-5, 0);
    }
  }

  private static List<NDArray> zeroBlock(NDManager manager, NDArray gates) {
    var p = new ArrayList<>(attention(manager, 1));
    p.addAll(perceptron(manager));
    p.add(manager.zeros(new Shape(6 * WIDTH, WIDTH)));
    p.add(gates.flatten());
    return named(p);
  }

  private static List<NDArray> crossBlock(NDManager manager, NDArray gates) {
    var p = new ArrayList<NDArray>();
    p.add(gates);
    p.addAll(attention(manager, 1));
    p.addAll(attention(manager, 0));
    p.addAll(perceptron(manager));
    return named(p);
  }

  /** Over a single token, attention is its value: {@code size} times the token. */
  private static List<NDArray> attention(NDManager manager, int size) {
    return List.of(
        manager.eye(WIDTH).tile(new long[] {3, 1}).mul(size),
        manager.zeros(new Shape(3 * WIDTH)),
        manager.eye(WIDTH),
        manager.zeros(new Shape(WIDTH)));
  }

  private static List<NDArray> perceptron(NDManager manager) {
    return List.of(
        manager.eye(WIDTH),
        manager.full(new Shape(WIDTH), OFFSET),
        manager.eye(WIDTH),
        manager.full(new Shape(WIDTH), -OFFSET));
  }

  private static List<NDArray> named(List<NDArray> p) {
    p.forEach(array -> array.setName(Kernels.PARAMETER));
    return p;
  }
}
