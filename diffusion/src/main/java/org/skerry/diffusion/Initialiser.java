package org.skerry.diffusion;

import java.util.Arrays;

/** How a parameter starts. Values depend on the random generator alone. */
public sealed interface Initialiser {
  /** {@code count} values, row by row. */
  float[] values(int count, SeededRandom random);

  /** The same value everywhere. */
  record Constant(float value) implements Initialiser {
    @Override
    public float[] values(int count, SeededRandom random) {
      float[] out = new float[count];
      Arrays.fill(out, value);
      return out;
    }
  }

  /** Uniform over {@code [-bound, bound)}. */
  record Uniform(double bound) implements Initialiser {
    @Override
    public float[] values(int count, SeededRandom random) {
      float[] out = new float[count];
      for (int i = 0; i < count; i++) {
        out[i] = (float) ((2 * random.nextDouble() - 1) * bound);
      }
      return out;
    }

    /** PyTorch's default for a layer that sums over {@code fanIn} inputs. */
    static Uniform fanIn(long fanIn) {
      return new Uniform(1 / StrictMath.sqrt(fanIn));
    }

    /** Glorot and Bengio, 2010: keeps the variance of activations and of gradients. */
    static Uniform xavier(long fanIn, long fanOut) {
      return new Uniform(StrictMath.sqrt(6.0 / (fanIn + fanOut)));
    }
  }

  /** Normal with mean 0. */
  record Normal(double std) implements Initialiser {
    @Override
    public float[] values(int count, SeededRandom random) {
      float[] out = new float[count];
      for (int i = 0; i < count; i++) {
        out[i] = (float) (std * random.nextGaussian());
      }
      return out;
    }
  }

  /**
   * DiT's fixed two-dimensional table for {@code side × side} tokens: the first half of the width
   * encodes the column, the second the row; each half is sines, then cosines.
   */
  record SinCosTable(int side, int width) implements Initialiser {
    @Override
    public float[] values(int count, SeededRandom random) {
      float[] out = new float[count];
      int quarter = width / 4;
      for (int token = 0; token < side * side; token++) {
        for (int i = 0; i < quarter; i++) {
          double omega = StrictMath.pow(10_000, -(double) i / quarter);
          double column = token % side * omega;
          double row = token / side * omega;
          int at = token * width + i;
          out[at] = (float) StrictMath.sin(column);
          out[at + quarter] = (float) StrictMath.cos(column);
          out[at + 2 * quarter] = (float) StrictMath.sin(row);
          out[at + 3 * quarter] = (float) StrictMath.cos(row);
        }
      }
      return out;
    }
  }
}
