package org.skerry.diffusion.safetensors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor in plain memory: little-endian, row-major.
 *
 * @param shape no negative size; empty for a scalar
 * @param data exactly the elements, from position 0; views share the memory
 */
public record HostTensor(ElementType type, List<Long> shape, ByteBuffer data) {
  public HostTensor {
    shape = List.copyOf(shape);
    data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
    long expected = sizeBytes(type, shape);
    if (data.remaining() != expected) {
      throw new IllegalArgumentException(
          "tensor "
              + type
              + shape
              + " takes "
              + expected
              + " bytes, and there are "
              + data.remaining());
    }
  }

  /** A float32 tensor with a copy of {@code values}. */
  public static HostTensor of(float[] values, long... shape) {
    ByteBuffer data = direct((long) values.length * Float.BYTES);
    data.asFloatBuffer().put(values);
    return new HostTensor(ElementType.F32, boxed(shape), data);
  }

  /** A float64 tensor with a copy of {@code values}. */
  public static HostTensor of(double[] values, long... shape) {
    ByteBuffer data = direct((long) values.length * Double.BYTES);
    data.asDoubleBuffer().put(values);
    return new HostTensor(ElementType.F64, boxed(shape), data);
  }

  /** An int64 tensor with a copy of {@code values}. */
  public static HostTensor of(long[] values, long... shape) {
    ByteBuffer data = direct((long) values.length * Long.BYTES);
    data.asLongBuffer().put(values);
    return new HostTensor(ElementType.I64, boxed(shape), data);
  }

  /** This tensor as float32, exactly, when it is float16 or bfloat16; itself when it is not. */
  public HostTensor widened() {
    if (type != ElementType.F16 && type != ElementType.BF16) {
      return this;
    }
    float[] values = toFloats();
    ByteBuffer wide = direct((long) values.length * Float.BYTES);
    wide.asFloatBuffer().put(values);
    return new HostTensor(ElementType.F32, shape, wide);
  }

  /**
   * The elements as float32: exactly when they are float32, float16 or bfloat16, rounded when they
   * are float64.
   *
   * @throws IllegalStateException when they are of another type
   */
  public float[] toFloats() {
    if (type == ElementType.F32) {
      return floats();
    }
    ByteBuffer in = view();
    float[] out = new float[in.remaining() / type.sizeBytes()];
    for (int i = 0; i < out.length; i++) {
      out[i] =
          switch (type) {
            case F64 -> (float) in.getDouble();
            case F16 -> Float.float16ToFloat(in.getShort());
            case BF16 -> Float.intBitsToFloat(in.getShort() << 16);
            case F32, I64, U64, I32, U32, I16, U16, F8_E4M3, F8_E5M2, I8, U8, BOOL ->
                throw new IllegalStateException("tensor is " + type + ", not of floats");
          };
    }
    return out;
  }

  /** The elements of a float32 tensor. */
  public float[] floats() {
    require(ElementType.F32);
    float[] out = new float[data.remaining() / Float.BYTES];
    view().asFloatBuffer().get(out);
    return out;
  }

  /** The elements of a float64 tensor. */
  public double[] doubles() {
    require(ElementType.F64);
    double[] out = new double[data.remaining() / Double.BYTES];
    view().asDoubleBuffer().get(out);
    return out;
  }

  /** The elements of an int64 tensor. */
  public long[] longs() {
    require(ElementType.I64);
    long[] out = new long[data.remaining() / Long.BYTES];
    view().asLongBuffer().get(out);
    return out;
  }

  /** The elements as bytes, from position 0, in a buffer of the caller's own. */
  @Override
  public ByteBuffer data() {
    return view();
  }

  /**
   * The bytes that {@code shape} takes.
   *
   * @throws ArithmeticException when they are more than a long counts
   */
  static long sizeBytes(ElementType type, List<Long> shape) {
    long size = type.sizeBytes();
    boolean empty = false;
    for (long side : shape) {
      if (side < 0) {
        throw new IllegalArgumentException("shape " + shape + " has a negative size");
      }
      empty |= side == 0;
      size = side == 0 ? size : Math.multiplyExact(size, side);
    }
    return empty ? 0 : size;
  }

  private ByteBuffer view() {
    return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  private void require(ElementType wanted) {
    if (type != wanted) {
      throw new IllegalStateException("tensor is " + type + ", not " + wanted);
    }
  }

  private static ByteBuffer direct(long sizeBytes) {
    return ByteBuffer.allocateDirect(Math.toIntExact(sizeBytes)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static List<Long> boxed(long... shape) {
    return Arrays.stream(shape).boxed().toList();
  }
}
