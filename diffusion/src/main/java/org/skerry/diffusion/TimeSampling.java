package org.skerry.diffusion;

/** How training draws the time of each sample, in {@code [0, 1]}, 0 = data. */
public sealed interface TimeSampling {
  /** One time. */
  double next(SeededRandom random);

  /** {@code count} times. */
  default float[] sample(int count, SeededRandom random) {
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      out[i] = (float) next(random);
    }
    return out;
  }

  /** Every time is equally likely. */
  record Uniform() implements TimeSampling {
    @Override
    public double next(SeededRandom random) {
      return random.nextDouble();
    }
  }

  /**
   * {@code sigmoid(mean + std · n)}, {@code n} standard normal (Esser et al., arXiv 2403.03206):
   * more samples where the velocity is hard to tell, in the middle.
   */
  record LogitNormal(double mean, double std) implements TimeSampling {
    public LogitNormal {
      if (!Double.isFinite(mean) || !(std > 0) || std > 100) {
        throw new IllegalArgumentException(
            "logit-normal needs a finite mean and a deviation in (0, 100], not "
                + mean
                + " and "
                + std);
      }
    }

    @Override
    public double next(SeededRandom random) {
      return 1 / (1 + StrictMath.exp(-(mean + std * random.nextGaussian())));
    }
  }
}
