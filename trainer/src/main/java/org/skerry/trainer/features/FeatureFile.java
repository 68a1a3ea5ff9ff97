package org.skerry.trainer.features;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.skerry.diffusion.safetensors.ElementType;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.safetensors.SafetensorsException;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.npy.NpyHeader;

/**
 * Reads a matrix of features that somebody computed elsewhere, one row an image, in the order in
 * which the dataset is read: a {@code .npy} of version 1 or 2 (float32 or float64, C order), or a
 * {@code .safetensors} with one two-dimensional tensor (F32, F64, F16 or BF16). Everything else is
 * refused before memory is taken for it.
 */
public final class FeatureFile {
  /** Most values of one row. */
  public static final int MAX_FEATURES = 16_384;

  private static final int CHUNK = 1 << 16;

  private FeatureFile() {}

  /**
   * @param images how many rows there must be, at least 2
   * @throws TrainerException {@link Reason#BAD_FEATURES} with what is wrong, or {@link
   *     Reason#NOT_FOUND}
   */
  public static FeatureTable read(Path file, int images) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new TrainerException(
          Reason.NOT_FOUND, file + ": no such file; name a .npy or .safetensors of features");
    }
    String name = file.getFileName().toString();
    float[][] rows;
    if (name.endsWith(".npy")) {
      rows = npy(file, images);
    } else if (name.endsWith(".safetensors")) {
      rows = safetensors(file, images);
    } else {
      throw bad(file, "neither a .npy nor a .safetensors; name one of these");
    }
    return FeatureTable.given("matrix-" + rows[0].length + "-sha256-" + digest(file), rows);
  }

  /** The first 16 hexadecimal digits of a file's SHA-256: names what features came from. */
  public static String digest(Path file) throws IOException {
    return HexFormat.of().formatHex(sha256(file), 0, 8);
  }

  private static float[][] npy(Path file, int images) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), CHUNK)) {
      NpyHeader header = npyHeader(file, in);
      ElementType type =
          header
              .floatType()
              .filter(found -> found != ElementType.F16)
              .orElseThrow(() ->
                  bad(file, "its values are '" + header.type() + "'; save float32 or float64"));
      requireWhole(file, header, type);
      requireShape(file, header.shape(), images);
      int columns = header.shape().getLast().intValue();
      float[][] rows = new float[images][];
      byte[] bytes = new byte[columns * type.sizeBytes()];
      for (int i = 0; i < images; i++) {
        if (in.readNBytes(bytes, 0, bytes.length) != bytes.length) {
          throw bad(file, "it ends in row " + i + "; copy it again");
        }
        rows[i] = row(file, type, ByteBuffer.wrap(bytes), columns, i);
      }
      return rows;
    }
  }

  private static NpyHeader npyHeader(Path file, InputStream in) throws IOException {
    NpyHeader header;
    try {
      header = NpyHeader.read(in);
    } catch (NpyHeader.MalformedException e) {
      throw new TrainerException(Reason.BAD_FEATURES, file + ": " + e.getMessage(), e);
    }
    if (header.version() > 2) {
      throw bad(file, "its version is " + header.version() + "; save it as version 1 or 2");
    }
    if (header.fortranOrder()) {
      throw bad(file, "it is in Fortran order; save numpy.ascontiguousarray(...) instead");
    }
    return header;
  }

  /** The file must be exactly as long as its header says. */
  private static void requireWhole(Path file, NpyHeader header, ElementType type)
      throws IOException {
    long expected = header.sizeBytes();
    try {
      long values = header.shape().stream().reduce(1L, Math::multiplyExact);
      expected = Math.addExact(expected, Math.multiplyExact(values, type.sizeBytes()));
    } catch (ArithmeticException e) {
      expected = Long.MAX_VALUE;
    }
    if (expected != Files.size(file)) {
      throw bad(
          file,
          "%d bytes do not hold %s values; copy or save it again"
              .formatted(Files.size(file), header.shape()));
    }
  }

  private static float[][] safetensors(Path file, int images) throws IOException {
    Map<String, HostTensor> tensors;
    try {
      tensors = Safetensors.map(file).tensors();
    } catch (SafetensorsException e) {
      throw new TrainerException(
          Reason.BAD_FEATURES, e.getMessage() + "; write it with a safetensors library", e);
    }
    if (tensors.size() != 1) {
      throw bad(file, "it holds " + tensors.size() + " tensors; give one with a single matrix");
    }
    HostTensor tensor = tensors.values().iterator().next();
    switch (tensor.type()) {
      case F32, F64, F16, BF16 -> requireShape(file, tensor.shape(), images);
      case I64, U64, I32, U32, I16, U16, I8, U8, BOOL, F8_E4M3, F8_E5M2 ->
          throw bad(file, "its values are " + tensor.type() + "; give F32, F64, F16 or BF16");
    }
    int columns = tensor.shape().getLast().intValue();
    int width = columns * tensor.type().sizeBytes();
    ByteBuffer data = tensor.data();
    float[][] rows = new float[images][];
    for (int i = 0; i < images; i++) {
      rows[i] = row(file, tensor.type(), data.slice(i * width, width), columns, i);
    }
    return rows;
  }

  private static float[] row(Path file, ElementType type, ByteBuffer bytes, int columns, int index)
      throws TrainerException {
    float[] row = new HostTensor(type, List.of((long) columns), bytes).toFloats();
    for (int j = 0; j < columns; j++) {
      if (!Float.isFinite(row[j])) {
        throw bad(file, "row %d, column %d is %s; compute it again".formatted(index, j, row[j]));
      }
    }
    return row;
  }

  private static void requireShape(Path file, List<Long> shape, int images)
      throws TrainerException {
    if (shape.size() != 2) {
      throw bad(file, "its shape is " + shape + "; give a matrix");
    }
    if (shape.getFirst() != images) {
      throw bad(
          file,
          "%d rows for %d images; compute one row for every image that is read, in that order"
              .formatted(shape.getFirst(), images));
    }
    if (shape.getLast() < 1 || shape.getLast() > MAX_FEATURES) {
      throw bad(file, shape.getLast() + " features an image are not in 1.." + MAX_FEATURES);
    }
  }

  private static TrainerException bad(Path file, String what) {
    return new TrainerException(Reason.BAD_FEATURES, file + ": " + what);
  }

  private static byte[] sha256(Path file) throws IOException {
    try (DigestInputStream in =
        new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(OutputStream.nullOutputStream());
      return in.getMessageDigest().digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
