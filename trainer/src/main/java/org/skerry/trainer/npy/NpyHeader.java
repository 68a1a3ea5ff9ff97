package org.skerry.trainer.npy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.skerry.diffusion.safetensors.ElementType;

/**
 * What stands before the values of a {@code .npy} file: the magic string, the version, the length
 * of the header (two bytes in version 1, four in later ones) and a Python dictionary (NumPy's
 * enhancement proposal 1).
 *
 * @param version 1 to 3
 * @param type as NumPy names it, {@code <f4} for little-endian float32
 * @param shape no negative side
 * @param sizeBytes of all that stands before the values
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">NPY</a>
 */
public record NpyHeader(
    int version, String type, boolean fortranOrder, List<Long> shape, int sizeBytes) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int PREFIX = MAGIC.length + 2;
  private static final int MAX_TEXT = 4096;
  private static final int ALIGNMENT = 64;
  private static final Pattern DICTIONARY =
      Pattern.compile(
          "\\{\\s*'descr'\\s*:\\s*'([^']{1,16})'\\s*,"
              + "\\s*'fortran_order'\\s*:\\s*(True|False)\\s*,"
              + "\\s*'shape'\\s*:\\s*\\(([0-9, ]{0,100})\\)\\s*,?\\s*\\}\\s*");
  private static final Pattern SIDE = Pattern.compile("\\d{1,18}");

  public NpyHeader {
    shape = List.copyOf(shape);
  }

  /** What is no such file; the message says what is wrong and, behind a semicolon, the remedy. */
  public static final class MalformedException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message);
    }
  }

  /** Whether a file begins as a {@code .npy}. */
  public static boolean startsWithMagic(byte[] file) {
    return file.length >= MAGIC.length
        && Arrays.equals(file, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /**
   * Reads up to the first value.
   *
   * @throws MalformedException for anything but a header of versions 1 to 3
   */
  public static NpyHeader read(InputStream in) throws IOException {
    byte[] start = in.readNBytes(PREFIX);
    if (start.length < PREFIX || !startsWithMagic(start)) {
      throw new MalformedException("it is no .npy file; save an array with numpy.save");
    }
    int version = start[MAGIC.length];
    if (version < 1 || version > 3) {
      throw new MalformedException("its version is " + version + "; save it as version 1 or 2");
    }
    int lengthBytes = version == 1 ? Short.BYTES : Integer.BYTES;
    byte[] length = Arrays.copyOf(in.readNBytes(lengthBytes), Integer.BYTES);
    long count = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xffffffffL;
    if (count > MAX_TEXT) {
      throw new MalformedException("its header of " + count + " bytes is too long; save it again");
    }
    byte[] text = in.readNBytes((int) count);
    Matcher matcher = DICTIONARY.matcher(new String(text, StandardCharsets.ISO_8859_1));
    if (text.length < count || !matcher.matches()) {
      throw new MalformedException("its header cannot be read; save an array with numpy.save");
    }
    return new NpyHeader(
        version,
        matcher.group(1),
        matcher.group(2).equals("True"),
        shape(matcher.group(3)),
        PREFIX + lengthBytes + text.length);
  }

  private static List<Long> shape(String text) throws MalformedException {
    List<String> sides =
        Arrays.stream(text.split(",")).map(String::strip).filter(side -> !side.isEmpty()).toList();
    if (!sides.stream().allMatch(SIDE.asMatchPredicate())) {
      throw new MalformedException("its shape is (" + text + "); save an array with numpy.save");
    }
    return sides.stream().map(Long::valueOf).toList();
  }

  /** The type of the values; empty when they are no little-endian floating-point numbers. */
  public Optional<ElementType> floatType() {
    return switch (type) {
      case "<f2" -> Optional.of(ElementType.F16);
      case "<f4" -> Optional.of(ElementType.F32);
      case "<f8" -> Optional.of(ElementType.F64);
      default -> Optional.empty();
    };
  }

  /** A header of version 1 for float32 values in C order, padded as NumPy pads it. */
  public static byte[] ofFloats(long... shape) {
    String sides =
        Arrays.stream(shape).mapToObj(side -> side + ",").collect(Collectors.joining(" "));
    String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }".formatted(sides);
    int length = Math.ceilDiv(PREFIX + Short.BYTES + text.length() + 1, ALIGNMENT) * ALIGNMENT;
    ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    out.put(MAGIC).put((byte) 1).put((byte) 0);
    out.putShort((short) (length - PREFIX - Short.BYTES));
    out.put(text.getBytes(StandardCharsets.US_ASCII));
    while (out.position() < length - 1) {
      out.put((byte) ' ');
    }
    return out.put((byte) '\n').array();
  }
}
