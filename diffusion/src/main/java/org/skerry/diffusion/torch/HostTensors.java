package org.skerry.diffusion.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.skerry.diffusion.safetensors.ElementType;
import org.skerry.diffusion.safetensors.HostTensor;

/** Moves tensors between plain memory and libtorch. */
public final class HostTensors {
  private static final long ALIGNMENT = 64;

  private HostTensors() {}

  /**
   * An array in {@code manager}. On the processor it shares the tensor's memory when that is
   * direct, as a mapped file's is.
   */
  public static NDArray toArray(NDManager manager, HostTensor tensor) {
    Shape shape = new Shape(tensor.shape().stream().mapToLong(Long::longValue).toArray());
    return manager.create(tensor.data(), shape, type(tensor.type()));
  }

  /** A copy of an array, in plain memory. */
  public static HostTensor copyOf(NDArray array) {
    return copyOf(array, Arena.ofAuto());
  }

  /** A copy of an array, in memory of {@code arena}: unreadable once that is closed. */
  public static HostTensor copyOf(NDArray array, Arena arena) {
    ByteBuffer bytes = array.toByteBuffer();
    var shape = Arrays.stream(array.getShape().getShape()).boxed().toList();
    ByteBuffer copy = arena.allocate(bytes.remaining(), ALIGNMENT).asByteBuffer();
    return new HostTensor(type(array.getDataType()), shape, copy.put(bytes).flip());
  }

  private static DataType type(ElementType type) {
    return switch (type) {
      case F64 -> DataType.FLOAT64;
      case F32 -> DataType.FLOAT32;
      case F16 -> DataType.FLOAT16;
      case BF16 -> DataType.BFLOAT16;
      case I64 -> DataType.INT64;
      case I32 -> DataType.INT32;
      case I8 -> DataType.INT8;
      case U8 -> DataType.UINT8;
      case BOOL -> DataType.BOOLEAN;
      case I16, U16, U32, U64, F8_E4M3, F8_E5M2 ->
          throw new IllegalArgumentException("libtorch takes no " + type + " tensors here");
    };
  }

  private static ElementType type(DataType type) {
    return switch (type) {
      case FLOAT64 -> ElementType.F64;
      case FLOAT32 -> ElementType.F32;
      case FLOAT16 -> ElementType.F16;
      case BFLOAT16 -> ElementType.BF16;
      case INT64 -> ElementType.I64;
      case INT32 -> ElementType.I32;
      case INT8 -> ElementType.I8;
      case UINT8 -> ElementType.U8;
      case BOOLEAN -> ElementType.BOOL;
      default -> throw new IllegalArgumentException("safetensors has no type for " + type);
    };
  }
}
