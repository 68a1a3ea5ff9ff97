package org.skerry.diffusion;

/**
 * Random numbers that are the same on every machine and every Java version.
 *
 * <p>The generator is SplitMix64 (Steele, Lea and Flood, 2014); Gaussians come from Marsaglia's
 * polar method over {@link StrictMath}. A generator for one step or one image is derived from the
 * seed and its index ({@link #of}), so nothing depends on what was drawn before. Not thread-safe.
 */
public final class SeededRandom {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private long state;
  private double spare;
  private boolean hasSpare;

  private SeededRandom(long state) {
    this.state = state;
  }

  /** The generator of {@code seed} and a path of indices, for example {@code (seed, step)}. */
  public static SeededRandom of(long seed, long... path) {
    long state = mix(seed + GOLDEN);
    for (long index : path) {
      state = mix(state + GOLDEN * (index + 1)) ^ Long.rotateLeft(state, 29);
    }
    return new SeededRandom(state);
  }

  /** Uniform over all 64-bit values. */
  public long nextLong() {
    state += GOLDEN;
    return mix(state);
  }

  /** Uniform over {@code 0..bound-1}. */
  public int nextInt(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("bound " + bound + " is less than 1");
    }
    // The high word of a 64 × 32 bit product; its bias of bound / 2^64 is beyond measuring.
    return (int) Math.unsignedMultiplyHigh(nextLong(), bound);
  }

  /** Uniform over {@code [0, 1)}, in steps of 2^-53. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** Standard normal. */
  public double nextGaussian() {
    if (hasSpare) {
      hasSpare = false;
      return spare;
    }
    double a;
    double b;
    double square;
    do {
      a = 2 * nextDouble() - 1;
      b = 2 * nextDouble() - 1;
      square = a * a + b * b;
    } while (square >= 1 || square == 0);
    double scale = StrictMath.sqrt(-2 * StrictMath.log(square) / square);
    spare = b * scale;
    hasSpare = true;
    return a * scale;
  }

  /** {@code count} standard normal numbers. */
  public float[] gaussians(int count) {
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      out[i] = (float) nextGaussian();
    }
    return out;
  }

  private static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
    return b ^ (b >>> 31);
  }
}
