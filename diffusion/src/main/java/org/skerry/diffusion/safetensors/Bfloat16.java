package org.skerry.diffusion.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/** Rounding to the upper half of a float32: to the nearest, ties to even, one NaN for all. */
final class Bfloat16 {
  private static final int PIECE_BYTES = 256 << 10;
  private static final short NAN = 0x7fc0;

  private Bfloat16() {}

  /** What {@code tensor} is written as: float32 is rounded, and nothing else. */
  static ElementType typeOf(HostTensor tensor) {
    return tensor.type() == ElementType.F32 ? ElementType.BF16 : tensor.type();
  }

  /** Writes the elements of {@code tensor}, little-endian, as {@link #typeOf} says. */
  static void write(HostTensor tensor, FileChannel out) throws IOException {
    ByteBuffer from = tensor.data().order(ByteOrder.LITTLE_ENDIAN);
    if (tensor.type() != ElementType.F32) {
      Safetensors.writeFully(out, from);
      return;
    }
    ByteBuffer piece =
        ByteBuffer.allocateDirect(Math.min(from.remaining() / 2, PIECE_BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    while (from.hasRemaining()) {
      piece.clear();
      while (piece.hasRemaining() && from.hasRemaining()) {
        piece.putShort(rounded(from.getInt()));
      }
      Safetensors.writeFully(out, piece.flip());
    }
  }

  /** The bfloat16 nearest to the float32 of those bits. */
  static short rounded(int bits) {
    if ((bits & 0x7fff_ffff) > 0x7f80_0000) {
      return NAN;
    }
    int half = 0x7fff + ((bits >>> 16) & 1);
    return (short) ((bits + half) >>> 16); // the largest become infinite
  }
}
