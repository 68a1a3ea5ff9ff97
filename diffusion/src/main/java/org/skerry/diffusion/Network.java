package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.safetensors.HostTensor;

/**
 * A network as a pure function of named parameters. It holds no tensor, so one instance serves any
 * number of parameter sets and threads.
 */
public sealed interface Network extends Model
    permits UNet, Dit, UNetClassifier, DitClassifier, ParisExpert, ParisRouter {
  /** The network of a configuration. */
  static Network of(NetworkConfig config) {
    return switch (config) {
      case UNetConfig c -> new UNet(c);
      case DitConfig c -> new Dit(c);
      case UNetClassifierConfig c -> new UNetClassifier(c);
      case DitClassifierConfig c -> new DitClassifier(c);
      case ParisExpertConfig c -> new ParisExpert(c);
      case ParisRouterConfig c -> new ParisRouter(c);
    };
  }

  NetworkConfig config();

  @Override
  default List<ParameterSpec> parameters() {
    return config().parameters();
  }

  /** Half precision, in which weights may be published, becomes float32. */
  @Override
  default Map<String, HostTensor> adapted(Map<String, HostTensor> tensors) {
    var out = new LinkedHashMap<String, HostTensor>();
    tensors.forEach((name, tensor) -> out.put(name, tensor.widened()));
    return out;
  }

  @Override
  default boolean widens() {
    return true;
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
   * @throws IllegalArgumentException when the network reads texts and is nothing without them
   */
  NDArray forward(Parameters p, NDArray x, NDArray t, @Nullable NDArray labels);

  /**
   * As {@link #forward}, at the batch's times and for that of its conditions, labels or texts, that
   * the network knows.
   *
   * @param xT {@code [batch, channels, height, width]}, the batch's images at its times
   */
  default NDArray predict(Parameters p, NDArray xT, Batch batch) {
    return forward(p, xT, batch.times(), config().labels() > 0 ? batch.labels() : null);
  }

  /** This network with these parameters, as a velocity field without labels. */
  default VelocityField field(Parameters p) {
    return (x, t) -> forward(p, x, t, null);
  }

  /**
   * This network with these parameters, as the velocity field of one class.
   *
   * @param label from 0 to {@link NetworkConfig#nullLabel}, which a network without labels takes
   *     too
   */
  default VelocityField field(Parameters p, int label) {
    ConfigProperties.range("label", label, 0, config().nullLabel());
    if (label == config().nullLabel()) {
      return field(p);
    }
    return (x, t) -> {
      Shape rows = new Shape(x.getShape().get(0));
      return forward(p, x, t, x.getManager().full(rows, label, DataType.INT64));
    };
  }
}
