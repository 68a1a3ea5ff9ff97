package org.skerry.trainer.dataset;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.skerry.diffusion.safetensors.ElementType;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.safetensors.SafetensorsException;

/**
 * One latent as a file: NumPy's {@code .npy} (versions 1 to 3, little-endian float16 or float32, C
 * order) or a safetensors file with one tensor (F16, BF16 or F32). Its shape must be the declared
 * one, {@code [channels, size, size]}, and all values finite; the declared shape decides what is
 * allocated, never the file.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">NPY</a>
 */
final class LatentFile {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int PREFIX = MAGIC.length + 2;
  private static final int MAX_HEADER = 4096;
  private static final int ALIGNMENT = 64;
  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'<f([24])'");
  private static final Pattern C_ORDER = Pattern.compile("'fortran_order'\\s*:\\s*False");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d, ]{0,100})\\)");

  private final SampleFormat format;

  LatentFile(SampleFormat format) {
    this.format = format;
  }

  SampleDecoder.Result decode(byte[] file) {
    if (startsWithMagic(file)) {
      return npy(file);
    }
    try {
      List<HostTensor> tensors =
          List.copyOf(Safetensors.read(ByteBuffer.wrap(file)).tensors().values());
      return tensors.size() == 1
          ? values(tensors.getFirst())
          : new SampleDecoder.Result.Refused(BadImage.UNDECODABLE);
    } catch (SafetensorsException e) {
      return new SampleDecoder.Result.Refused(BadImage.UNDECODABLE);
    }
  }

  /** A latent as {@code .npy} of float32, version 1. */
  static byte[] encode(SampleFormat format, float[] values) {
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d, %d), }"
            .formatted(format.channels(), format.size(), format.size());
    int length = Math.ceilDiv(PREFIX + 2 + header.length() + 1, ALIGNMENT) * ALIGNMENT;
    ByteBuffer out =
        ByteBuffer.allocate(length + values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (length - PREFIX - 2));
    out.put(header.getBytes(StandardCharsets.US_ASCII));
    while (out.position() < length - 1) {
      out.put((byte) ' ');
    }
    out.put((byte) '\n');
    out.asFloatBuffer().put(values);
    return out.array();
  }

  private static boolean startsWithMagic(byte[] file) {
    return file.length >= MAGIC.length
        && Arrays.equals(file, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  private SampleDecoder.Result npy(byte[] file) {
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    boolean longHeader = file.length > PREFIX && file[MAGIC.length] > 1;
    int start = PREFIX + (longHeader ? Integer.BYTES : Short.BYTES);
    if (file.length < start || file[MAGIC.length] < 1 || file[MAGIC.length] > 3) {
      return new SampleDecoder.Result.Refused(BadImage.UNDECODABLE);
    }
    long length = longHeader ? in.getInt(PREFIX) & 0xffffffffL : in.getShort(PREFIX) & 0xffff;
    if (length > MAX_HEADER || start + length > file.length) {
      return new SampleDecoder.Result.Refused(BadImage.UNDECODABLE);
    }
    String header = new String(file, start, (int) length, StandardCharsets.ISO_8859_1);
    Matcher descr = DESCR.matcher(header);
    Optional<List<Long>> shape = shape(header);
    if (!descr.find() || !C_ORDER.matcher(header).find() || shape.isEmpty()) {
      return new SampleDecoder.Result.Refused(BadImage.UNDECODABLE);
    }
    ElementType type = descr.group(1).equals("2") ? ElementType.F16 : ElementType.F32;
    int data = start + (int) length;
    return values(type, shape.get(), in.slice(data, file.length - data));
  }

  private static Optional<List<Long>> shape(String header) {
    Matcher matcher = SHAPE.matcher(header);
    if (!matcher.find()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          Arrays.stream(matcher.group(1).split(","))
              .map(String::strip)
              .filter(side -> !side.isEmpty())
              .map(Long::valueOf)
              .toList());
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private SampleDecoder.Result values(HostTensor tensor) {
    return values(tensor.type(), tensor.shape(), tensor.data());
  }

  private SampleDecoder.Result values(ElementType type, List<Long> shape, ByteBuffer bytes) {
    List<Long> wanted =
        List.of((long) format.channels(), (long) format.size(), (long) format.size());
    // Exporters often keep the batch dimension of the one sample that they encoded.
    List<Long> found =
        shape.size() == 4 && shape.getFirst() == 1L ? shape.subList(1, shape.size()) : shape;
    if (!found.equals(wanted)) {
      return new SampleDecoder.Result.Refused(BadImage.WRONG_SIZE);
    }
    if (bytes.remaining() != (long) format.values() * type.sizeBytes()) {
      return new SampleDecoder.Result.Refused(BadImage.UNDECODABLE);
    }
    ByteBuffer in = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[format.values()];
    for (int i = 0; i < values.length; i++) {
      switch (type) {
        case F32 -> values[i] = in.getFloat();
        case F16 -> values[i] = Float.float16ToFloat(in.getShort());
        case BF16 -> values[i] = Float.intBitsToFloat(in.getShort() << 16);
        case F64, I64, U64, I32, U32, I16, U16, F8_E4M3, F8_E5M2, I8, U8, BOOL -> {
          return new SampleDecoder.Result.Refused(BadImage.UNDECODABLE);
        }
      }
      if (!Float.isFinite(values[i])) {
        return new SampleDecoder.Result.Refused(BadImage.NOT_FINITE);
      }
    }
    return new SampleDecoder.Result.Decoded(new SampleValues.Latent(values));
  }
}
