package org.skerry.diffusion;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.skerry.diffusion.safetensors.ElementType;
import org.skerry.diffusion.safetensors.HostTensor;

/**
 * The weights of a classifier, for one that knows more classes. A new class's row begins as the
 * mean of the old ones, so that its logit is the mean of theirs and leads nowhere, and a little
 * noise of its own; see docs/PROTOCOL.md, section 4.6.
 */
public final class GrownHead {
  private static final double NOISE = 0.1;

  /** Apart from what initialisers draw of the same seed. */
  private static final long STREAM = 0x67726f776eL;

  private GrownHead() {}

  /**
   * The weights of {@code wide}: those of {@code narrow}, and more rows where it has more.
   *
   * @param narrow weights of a classifier of the same shape with at least two classes, but fewer
   * @throws IllegalArgumentException when they are not
   */
  public static Map<String, HostTensor> of(
      Network wide, Map<String, HostTensor> narrow, long seed) {
    Map<String, HostTensor> out = new LinkedHashMap<>();
    int index = 0;
    for (ParameterSpec spec : wide.parameters()) {
      HostTensor old = narrow.get(spec.name());
      List<Long> shape = Arrays.stream(spec.shape().getShape()).boxed().toList();
      if (old == null || old.type() != ElementType.F32) {
        throw new IllegalArgumentException("there is no float32 tensor " + spec.name());
      }
      if (!old.shape().equals(shape)) {
        requireFewerRows(spec.name(), old.shape(), shape);
        old = grown(old, spec.shape().getShape(), SeededRandom.of(seed, STREAM, index));
      }
      out.put(spec.name(), old);
      index++;
    }
    if (narrow.size() != out.size()) {
      throw new IllegalArgumentException(
          "there are " + narrow.size() + " tensors, not " + out.size());
    }
    return out;
  }

  private static void requireFewerRows(String name, List<Long> old, List<Long> shape) {
    boolean fewer =
        old.size() == shape.size()
            && old.getFirst() >= 2
            && old.getFirst() < shape.getFirst()
            && old.subList(1, old.size()).equals(shape.subList(1, shape.size()));
    if (!fewer) {
      throw new IllegalArgumentException(name + " is " + old + ", which does not grow to " + shape);
    }
  }

  private static HostTensor grown(HostTensor old, long[] shape, SeededRandom random) {
    float[] values = old.floats();
    int rows = Math.toIntExact(old.shape().getFirst());
    int width = values.length / rows;
    double noise = NOISE * deviation(values);
    float[] out = Arrays.copyOf(values, Math.toIntExact(shape[0]) * width);
    for (int i = values.length; i < out.length; i++) {
      int column = i % width;
      double mean =
          IntStream.range(0, rows).mapToDouble(row -> values[row * width + column]).sum() / rows;
      out[i] = (float) (mean + noise * random.nextGaussian());
    }
    return HostTensor.of(out, shape);
  }

  private static double deviation(float[] values) {
    double mean =
        IntStream.range(0, values.length).mapToDouble(i -> values[i]).sum() / values.length;
    double squares =
        IntStream.range(0, values.length)
            .mapToDouble(i -> (values[i] - mean) * (values[i] - mean))
            .sum();
    return Math.sqrt(squares / values.length);
  }
}
