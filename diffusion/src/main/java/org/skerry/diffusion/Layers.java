package org.skerry.diffusion;

import java.util.List;
import org.skerry.diffusion.Initialiser.Constant;
import org.skerry.diffusion.Initialiser.Uniform;

/** The parameters of common layers, named and initialised as PyTorch does. */
final class Layers {
  static final Initialiser ZERO = new Constant(0);
  static final Initialiser ONE = new Constant(1);

  /** The width of the time sinusoid. */
  static final int FREQUENCIES = 256;

  private Layers() {}

  static List<ParameterSpec> linear(String name, long in, long out) {
    return weightAndBias(Uniform.fanIn(in), Uniform.fanIn(in), name, out, in);
  }

  static List<ParameterSpec> convolution(String name, long in, long out, long kernel) {
    var uniform = Uniform.fanIn(in * kernel * kernel);
    return weightAndBias(uniform, uniform, name, out, in, kernel, kernel);
  }

  /** A layer whose output starts at zero, so that the block it ends starts as the identity. */
  static List<ParameterSpec> zeroConvolution(String name, long in, long out, long kernel) {
    return weightAndBias(ZERO, ZERO, name, out, in, kernel, kernel);
  }

  static List<ParameterSpec> zeroLinear(String name, long in, long out) {
    return weightAndBias(ZERO, ZERO, name, out, in);
  }

  static List<ParameterSpec> norm(String name, long width) {
    return List.of(
        ParameterSpec.of(ONE, name + ".weight", width),
        ParameterSpec.of(ZERO, name + ".bias", width));
  }

  /** A layer at an edge of the network. */
  static List<ParameterSpec> atEdge(List<ParameterSpec> layer) {
    return layer.stream().map(ParameterSpec::atEdge).toList();
  }

  static List<ParameterSpec> weightAndBias(
      Initialiser weight, Initialiser bias, String name, long... shape) {
    return List.of(
        ParameterSpec.hidden(weight, name + ".weight", shape),
        ParameterSpec.of(bias, name + ".bias", shape[0]));
  }
}
