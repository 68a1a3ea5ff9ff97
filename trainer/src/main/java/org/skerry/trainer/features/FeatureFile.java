package org.skerry.trainer.features;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import org.skerry.diffusion.safetensors.ElementType;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.safetensors.SafetensorsException;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

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
      NpyHeader header = NpyHeader.read(file, in, Files.size(file));
      requireShape(file, header.rows(), header.columns(), images);
      int columns = (int) header.columns();
      float[][] rows = new float[images][columns];
      int width = header.wide() ? Double.BYTES : Float.BYTES;
      byte[] bytes = new byte[columns * width];
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < images; i++) {
        if (in.readNBytes(bytes, 0, bytes.length) != bytes.length) {
          throw bad(file, "it ends in row " + i + "; copy it again");
        }
        for (int j = 0; j < columns; j++) {
          rows[i][j] =
              header.wide() ? (float) buffer.getDouble(j * width) : buffer.getFloat(j * width);
        }
        requireFinite(file, rows[i], i);
      }
      return rows;
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
    if (tensor.shape().size() != 2) {
      throw bad(file, "its tensor has the shape " + tensor.shape() + "; give a matrix");
    }
    requireShape(file, tensor.shape().getFirst(), tensor.shape().getLast(), images);
    int columns = tensor.shape().getLast().intValue();
    int width = tensor.type().sizeBytes();
    ByteBuffer data = tensor.data();
    float[][] rows = new float[images][columns];
    for (int i = 0; i < images; i++) {
      for (int j = 0; j < columns; j++) {
        rows[i][j] = value(file, data, tensor.type(), (i * columns + j) * width);
      }
      requireFinite(file, rows[i], i);
    }
    return rows;
  }

  private static float value(Path file, ByteBuffer data, ElementType type, int at)
      throws TrainerException {
    return switch (type) {
      case F32 -> data.getFloat(at);
      case F64 -> (float) data.getDouble(at);
      case F16 -> Float.float16ToFloat(data.getShort(at));
      case BF16 -> Float.intBitsToFloat(data.getShort(at) << 16);
      case I64, U64, I32, U32, I16, U16, I8, U8, BOOL, F8_E4M3, F8_E5M2 ->
          throw bad(file, "its values are " + type + "; give F32, F64, F16 or BF16");
    };
  }

  private static void requireShape(Path file, long rows, long columns, int images)
      throws TrainerException {
    if (rows != images) {
      throw bad(
          file,
          "%d rows for %d images; compute one row for every image that is read, in that order"
              .formatted(rows, images));
    }
    if (columns < 1 || columns > MAX_FEATURES) {
      throw bad(file, columns + " features an image are not in 1.." + MAX_FEATURES);
    }
  }

  private static void requireFinite(Path file, float[] row, int index) throws TrainerException {
    for (int j = 0; j < row.length; j++) {
      if (!Float.isFinite(row[j])) {
        throw bad(file, "row %d, column %d is %s; compute it again".formatted(index, j, row[j]));
      }
    }
  }

  static TrainerException bad(Path file, String what) {
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
