package org.skerry.diffusion.torch;

import java.util.function.Supplier;

/**
 * The number format of matrix products, convolutions and attention.
 *
 * <p>Only those run in it: their operands are rounded to it and their results are in it, while sums
 * inside them, softmax statistics, normalisations, losses and whatever passes from one kernel to
 * the next stay in float32. So do weights, gradients of weights and everything an optimizer keeps
 * ("mixed precision training", Micikevicius et al., arXiv 1710.03740).
 *
 * <p>A processor that has no instructions for the format rounds the same operands and results to
 * it, and computes products between them in float32: the same weights come out but for the last
 * bits of sums, nothing is gained, and libtorch's own loops for such a processor take 15 to 20
 * times as long.
 */
public enum Precision {
  /** IEEE 754 single precision: nothing is rounded. */
  FLOAT32(6),
  /** The exponent of float32 with seven bits of mantissa. */
  BFLOAT16(15),
  /** IEEE 754 half precision: gradients need a {@link Backpropagation#scale}. */
  FLOAT16(5);

  private static final ScopedValue<Precision> CURRENT = ScopedValue.newInstance();

  /** libtorch's number of the type. */
  final int scalarType;

  Precision(int scalarType) {
    this.scalarType = scalarType;
  }

  /** What kernels that this thread calls now compute in: float32 unless {@link #in} says else. */
  public static Precision current() {
    return CURRENT.orElse(FLOAT32);
  }

  /** What a processor computes products in. */
  Precision hostArithmetic() {
    return this == BFLOAT16 && Processor.HAS_BFLOAT16 ? BFLOAT16 : FLOAT32;
  }

  /** Runs {@code body} with its kernels in this precision. */
  public <T> T in(Supplier<T> body) {
    return ScopedValue.where(CURRENT, this).call(body::get);
  }
}
