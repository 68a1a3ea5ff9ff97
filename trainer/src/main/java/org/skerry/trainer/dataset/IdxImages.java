package org.skerry.trainer.dataset;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

/**
 * Reads IDX files as MNIST and its kin come in, plain or gzipped: unsigned bytes, {@code [n,
 * height, width]} grey images, and beside them {@code [n]} labels in the file of the same name with
 * {@code labels} for {@code images} and {@code idx1} for {@code idx3}. Images are read one by one,
 * so a header that promises too much costs nothing.
 *
 * @see <a href="http://yann.lecun.com/exdb/mnist/">the format</a>
 */
public final class IdxImages {
  private static final int UNSIGNED_BYTES = 0x08;
  private static final int GZIP = 0x1f8b;

  private IdxImages() {}

  /** The training images of a folder; empty when there is no IDX file of images in it. */
  static Optional<Path> trainingImagesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> all =
          files
              .filter(f -> f.getFileName().toString().matches(".*images.*idx3.*"))
              .sorted()
              .toList();
      return all.stream()
          .filter(f -> f.getFileName().toString().startsWith("train"))
          .findFirst()
          .or(() -> all.stream().findFirst());
    }
  }

  /** Whether a file starts as an IDX file of images does. */
  static boolean isIdx(Path file) {
    try (DataInputStream in = open(file)) {
      return in.readInt() == (UNSIGNED_BYTES << 8 | 3);
    } catch (IOException e) {
      return false;
    }
  }

  public static Dataset read(Path images, int size, ReadLimits limits) throws TrainerException {
    SampleCollector collector =
        new SampleCollector(new SampleDecoder(SampleFormat.pixels(size), true, limits), limits);
    Path labels = labelsOf(images);
    try (DataInputStream in = open(images);
        DataInputStream labelsIn = Files.isRegularFile(labels) ? open(labels) : null) {
      read(images, in, labels, labelsIn, size, limits, collector);
    } catch (TrainerException e) {
      throw e;
    } catch (IOException e) {
      throw corrupt(images, "cannot be read (" + e.getMessage() + ")", e);
    }
    return collector.finish(images.toString());
  }

  private static void read(
      Path images,
      DataInputStream in,
      Path labels,
      @Nullable DataInputStream labelsIn,
      int size,
      ReadLimits limits,
      SampleCollector collector)
      throws IOException {
    int[] sides = header(images, in, 3);
    int count = sides[0];
    int height = sides[1];
    int width = sides[2];
    if (!limits.plausible(width, height)
        || width > ImageSet.MAX_SIZE
        || height > ImageSet.MAX_SIZE) {
      throw corrupt(images, "its header promises images of " + width + "×" + height, null);
    }
    if (labelsIn != null && header(labels, labelsIn, 1)[0] != count) {
      throw new TrainerException(
          Reason.CORRUPT_ARCHIVE,
          labels
              + ": not one label for each image of "
              + images.getFileName()
              + "; get both again");
    }
    byte[] image = new byte[height * width];
    for (int n = 0; n < count; n++) {
      if (in.readNBytes(image, 0, image.length) != image.length) {
        throw corrupt(images, "it ends after " + n + " of " + count + " images", null);
      }
      int label = labelsIn == null ? 0 : labelsIn.read();
      if (label < 0) {
        throw corrupt(labels, "it ends after " + n + " of " + count + " labels", null);
      }
      collector.add(
          images.toString(),
          "image%07d".formatted(n),
          BytePlanes.square(image, 0, 1, height, width, size),
          null,
          labelsIn == null ? null : label);
    }
    if (in.read() >= 0) {
      throw corrupt(images, "something follows its " + count + " images", null);
    }
  }

  /** The sides that a header names, all positive. */
  private static int[] header(Path file, DataInputStream in, int rank) throws IOException {
    if (in.readInt() != (UNSIGNED_BYTES << 8 | rank)) {
      throw corrupt(file, "no IDX file of unsigned bytes in " + rank + " dimensions", null);
    }
    int[] sides = new int[rank];
    for (int i = 0; i < rank; i++) {
      sides[i] = in.readInt();
      if (sides[i] < 1) {
        throw corrupt(file, "its header has a side of " + sides[i], null);
      }
    }
    return sides;
  }

  private static Path labelsOf(Path images) {
    String name = images.getFileName().toString();
    return images.resolveSibling(
        name.contains("images")
            ? name.replace("images", "labels").replace("idx3", "idx1")
            : name + ".labels");
  }

  private static DataInputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      in.mark(2);
      int magic = in.read() << 8 | in.read();
      in.reset();
      return new DataInputStream(
          magic == GZIP ? new BufferedInputStream(new GZIPInputStream(in, 1 << 16), 1 << 16) : in);
    } catch (ZipException e) {
      in.close();
      throw corrupt(file, "no gzip file", e);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static TrainerException corrupt(Path file, String what, @Nullable Exception cause) {
    String message = file + ": " + what + "; get the file again";
    return cause == null
        ? new TrainerException(Reason.CORRUPT_ARCHIVE, message)
        : new TrainerException(Reason.CORRUPT_ARCHIVE, message, cause);
  }
}
