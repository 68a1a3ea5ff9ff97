package org.skerry.trainer.features;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stands before the values of a {@code .npy} file: the magic string, the version, the length
 * of the header (two bytes in version 1, four in version 2) and a Python dictionary (NumPy's
 * enhancement proposal 1).
 *
 * @param wide whether values are float64, not float32
 */
record NpyHeader(boolean wide, long rows, long columns) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER = 65_536;
  private static final Pattern DICTIONARY =
      Pattern.compile(
          "\\{\\s*'descr'\\s*:\\s*'([^']{1,16})'\\s*,"
              + "\\s*'fortran_order'\\s*:\\s*(True|False)\\s*,"
              + "\\s*'shape'\\s*:\\s*\\(([0-9, ]{0,64})\\)\\s*,?\\s*\\}\\s*");

  /**
   * Reads up to the first value.
   *
   * @param sizeBytes of the whole file, which must be exactly what the header says
   */
  static NpyHeader read(Path file, InputStream in, long sizeBytes) throws IOException {
    byte[] start = in.readNBytes(8);
    if (start.length < 8 || !Arrays.equals(start, 0, 6, MAGIC, 0, 6)) {
      throw FeatureFile.bad(file, "it is no .npy file; save a matrix with numpy.save");
    }
    int version = start[6];
    if (version != 1 && version != 2) {
      throw FeatureFile.bad(file, "its version is " + version + "; save it as version 1 or 2");
    }
    int lengthBytes = version == 1 ? 2 : 4;
    byte[] length = Arrays.copyOf(in.readNBytes(lengthBytes), 4);
    long count = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xffffffffL;
    if (count > MAX_HEADER) {
      throw FeatureFile.bad(file, "its header of " + count + " bytes is too long; save it again");
    }
    byte[] text = in.readNBytes((int) count);
    Matcher matcher = DICTIONARY.matcher(new String(text, StandardCharsets.ISO_8859_1));
    if (text.length < count || !matcher.matches()) {
      throw FeatureFile.bad(file, "its header cannot be read; save a matrix with numpy.save");
    }
    NpyHeader header = of(file, matcher);
    long expected = 8 + lengthBytes + count;
    try {
      long width = header.wide ? Double.BYTES : Float.BYTES;
      long values = Math.multiplyExact(header.rows, header.columns);
      expected = Math.addExact(expected, Math.multiplyExact(values, width));
    } catch (ArithmeticException e) {
      expected = Long.MAX_VALUE;
    }
    if (expected != sizeBytes) {
      throw FeatureFile.bad(
          file,
          "%d bytes do not hold [%d, %d] values; copy or save it again"
              .formatted(sizeBytes, header.rows, header.columns));
    }
    return header;
  }

  private static NpyHeader of(Path file, Matcher matcher) throws IOException {
    String type = matcher.group(1);
    if (!type.equals("<f4") && !type.equals("<f8")) {
      throw FeatureFile.bad(file, "its values are '" + type + "'; save float32 or float64");
    }
    if (matcher.group(2).equals("True")) {
      throw FeatureFile.bad(
          file, "it is in Fortran order; save numpy.ascontiguousarray(...) instead");
    }
    String[] shape = matcher.group(3).strip().split("\\s*,\\s*");
    if (shape.length != 2 || !shape[0].matches("\\d{1,18}") || !shape[1].matches("\\d{1,18}")) {
      throw FeatureFile.bad(file, "its shape is (" + matcher.group(3) + "); give a matrix");
    }
    return new NpyHeader(type.equals("<f8"), Long.parseLong(shape[0]), Long.parseLong(shape[1]));
  }
}
