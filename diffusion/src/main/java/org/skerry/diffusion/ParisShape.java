package org.skerry.diffusion;

import static org.skerry.diffusion.ConfigProperties.range;

import java.util.Map;
import org.skerry.diffusion.safetensors.HostTensor;

/** What the tensors of a Paris expert or router tell of its shape: all but the number of heads. */
record ParisShape(int channels, int imageSize, int patch, int hidden, int depth, int mlpHidden) {
  private static final int MAX_SIDE = 1 << 20;
  private static final int MAX_DEPTH = 1024;

  static ParisShape of(Map<String, HostTensor> tensors) {
    int hidden = side(tensors, "patch_embed.weight", 4, 0);
    int patch = side(tensors, "patch_embed.weight", 4, 2);
    int patches = side(tensors, "pos_embed", 3, 1);
    int across = (int) StrictMath.sqrt(patches);
    if (across * across != patches) {
      throw new IllegalArgumentException("pos_embed has " + patches + " places, no square");
    }
    int depth = 0;
    while (depth < MAX_DEPTH && tensors.containsKey(perceptron(depth))) {
      depth++;
    }
    return new ParisShape(
        side(tensors, "patch_embed.weight", 4, 1),
        across * patch,
        patch,
        hidden,
        depth,
        side(tensors, perceptron(0), 2, 0));
  }

  private static String perceptron(int layer) {
    return "layers." + layer + ".mlp.0.weight";
  }

  /** The length of a tensor along an axis. */
  static int side(Map<String, HostTensor> tensors, String name, int axes, int axis) {
    HostTensor tensor = tensors.get(name);
    if (tensor == null || tensor.shape().size() != axes) {
      throw new IllegalArgumentException(
          "no weights of Paris: "
              + name
              + (tensor == null ? " is missing" : " is " + tensor.shape()));
    }
    long side = tensor.shape().get(axis);
    range("size of " + name, side, 1, MAX_SIDE);
    return (int) side;
  }
}
