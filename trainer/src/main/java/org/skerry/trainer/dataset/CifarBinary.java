package org.skerry.trainer.dataset;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

/**
 * Reads CIFAR's binary files: records of one label (CIFAR-10) or a coarse and a fine label
 * (CIFAR-100, of which the fine one is the class), and 3 · 32 · 32 bytes, channel by channel. The
 * names of the classes, when they lie beside the files, become captions.
 *
 * @see <a href="https://www.cs.toronto.edu/~kriz/cifar.html">the format</a>
 */
public final class CifarBinary {
  private static final int SIDE = 32;
  private static final int PIXELS = ImageSet.CHANNELS * SIDE * SIDE;
  private static final int COARSE_CLASSES = 20;
  private static final int MAX_NAMES_BYTES = 64 << 10;

  private CifarBinary() {}

  /** The two editions. */
  private enum Edition {
    TEN(1, 10, "batches.meta.txt"),
    HUNDRED(2, 100, "fine_label_names.txt");

    private final int labels;
    private final int classes;
    private final String namesFile;

    Edition(int labels, int classes, String namesFile) {
      this.labels = labels;
      this.classes = classes;
      this.namesFile = namesFile;
    }

    int recordBytes() {
      return labels + PIXELS;
    }

    boolean accepts(byte[] bytes) {
      int coarse = bytes[0] & 0xff;
      return (bytes[labels - 1] & 0xff) < classes && (labels == 1 || coarse < COARSE_CLASSES);
    }
  }

  /** The training files of a folder, in order; empty when it is no CIFAR folder. */
  static List<Path> trainingFilesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(f -> f.getFileName().toString().matches("data_batch_\\d+\\.bin|train\\.bin"))
          .sorted()
          .toList();
    }
  }

  /** Reads files of one edition, one after the other. */
  public static Dataset read(List<Path> files, int size, ReadLimits limits)
      throws TrainerException {
    SampleCollector collector =
        new SampleCollector(new SampleDecoder(SampleFormat.pixels(size), true, limits), limits);
    List<String> classNames = List.of();
    for (Path file : files) {
      try {
        Edition edition = edition(file);
        classNames = names(file.resolveSibling(edition.namesFile), edition);
        read(file, edition, classNames, size, collector);
      } catch (TrainerException e) {
        throw e;
      } catch (IOException e) {
        throw new TrainerException(
            Reason.NOT_FOUND,
            file + ": cannot be read (" + e.getMessage() + "); check the file",
            e);
      }
    }
    return collector
        .finish(files.size() == 1 ? files.getFirst().toString() : "CIFAR")
        .withClassNames(classNames);
  }

  /** Told by the length, and where that leaves a choice by the labels of the first records. */
  private static Edition edition(Path file) throws IOException {
    long length = Files.size(file);
    for (Edition edition : Edition.values()) {
      if (length > 0 && length % edition.recordBytes() == 0 && firstTwoFit(file, edition)) {
        return edition;
      }
    }
    throw new TrainerException(
        Reason.CORRUPT_ARCHIVE,
        "%s: %d bytes are no whole records of CIFAR-10 or CIFAR-100 with labels in range; get the file again"
            .formatted(file, length));
  }

  private static boolean firstTwoFit(Path file, Edition edition) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] first = in.readNBytes(edition.recordBytes());
      byte[] second = in.readNBytes(edition.recordBytes());
      return edition.accepts(first) && (second.length == 0 || edition.accepts(second));
    }
  }

  private static void read(
      Path file, Edition edition, List<String> names, int size, SampleCollector collector)
      throws IOException {
    String stem = file.getFileName().toString().replaceFirst("\\.bin$", "");
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      for (int n = 0; ; n++) {
        byte[] bytes = in.readNBytes(edition.recordBytes());
        if (bytes.length == 0) {
          return;
        }
        if (bytes.length < edition.recordBytes() || !edition.accepts(bytes)) {
          throw new TrainerException(
              Reason.CORRUPT_ARCHIVE,
              "%s: record %d is cut short or its label is out of range; get the file again"
                  .formatted(file, n));
        }
        int label = bytes[edition.labels - 1] & 0xff;
        collector.add(
            file.toString(),
            "%s-%06d".formatted(stem, n),
            BytePlanes.square(bytes, edition.labels, ImageSet.CHANNELS, SIDE, SIDE, size),
            nameOf(label, names).orElse(null),
            label);
      }
    }
  }

  private static Optional<String> nameOf(int label, List<String> names) {
    return label < names.size() ? Optional.of(names.get(label)) : Optional.empty();
  }

  /** One a line; none when the file is not there, or names another number of classes. */
  private static List<String> names(Path file, Edition edition) throws IOException {
    if (!Files.isRegularFile(file)) {
      return List.of();
    }
    try (InputStream in = Files.newInputStream(file)) {
      List<String> names =
          new String(in.readNBytes(MAX_NAMES_BYTES), StandardCharsets.UTF_8)
              .lines()
              .map(String::strip)
              .filter(line -> !line.isEmpty())
              .toList();
      return names.size() == edition.classes ? names : List.of();
    }
  }
}
