package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network as a pure function of named parameters. It holds no tensor, so one instance serves any
 * number of parameter sets and threads.
 */
public sealed interface Network permits UNet, Dit, UNetClassifier, DitClassifier {
  /** The network of a configuration. */
  static Network of(NetworkConfig config) {
    return switch (config) {
      case UNetConfig c -> new UNet(c);
      case DitConfig c -> new Dit(c);
      case UNetClassifierConfig c -> new UNetClassifier(c);
      case DitClassifierConfig c -> new DitClassifier(c);
    };
  }

  NetworkConfig config();

  /** Every parameter, in the order in which files and optimizers keep them. */
  default List<ParameterSpec> parameters() {
    return config().parameters();
  }

  /**
   * Evaluates the network. The result and everything on the way belong to {@code x}'s manager.
   *
   * @param x {@code [batch, channels, height, width]}, float32: images at time t
   * @param t {@code [batch]} in {@code [0, 1]}, 0 = data, 1 = noise
   * @param labels {@code [batch]} int64 below {@code labels()}, or {@code labels()} for "no label";
   *     null for no label at all; must be null when the network takes none
   * @return the velocity {@code [batch, channels, height, width]}, or a classifier's logits {@code
   *     [batch, classes]}
   */
  NDArray forward(Parameters p, NDArray x, NDArray t, @Nullable NDArray labels);

  /** This network with these parameters, as a velocity field without labels. */
  default VelocityField field(Parameters p) {
    return (x, t) -> forward(p, x, t, null);
  }
}
