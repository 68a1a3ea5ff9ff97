package org.skerry.trainer.dataset;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

/**
 * Reads WebDataset tars: the files of one sample are adjacent and share the name before the first
 * dot: {@code KEY.jpg|jpeg|png}, {@code KEY.txt} (caption), {@code KEY.cls} (class index). Other
 * files are passed over. A damaged tar is refused as a whole; damaged images are counted.
 */
public final class WebDataset {
  private static final int BLOCK = 512;
  private static final int MAX_LABEL_BYTES = 64 << 10;

  private WebDataset() {}

  /** Reads tars one after the other, cropping and resizing to {@code size}. */
  public static Dataset read(List<Path> tars, int size, ReadLimits limits) throws TrainerException {
    return read(tars, size, false, limits);
  }

  /** Reads shards of a task: every image must have exactly {@code size} × {@code size} pixels. */
  public static Dataset readShards(List<Path> tars, int size, ReadLimits limits)
      throws TrainerException {
    return read(tars, size, true, limits);
  }

  private static Dataset read(List<Path> tars, int size, boolean exactSize, ReadLimits limits)
      throws TrainerException {
    SampleCollector collector = new SampleCollector(size, exactSize, limits);
    for (Path tar : tars) {
      new TarWalk(tar, limits, collector).run();
    }
    String name = tars.size() == 1 ? tars.getFirst().toString() : tars.size() + " tars";
    return collector.finish(name);
  }

  /** One pass over one tar, gathering adjacent files into samples. */
  private static final class TarWalk {
    private final Path tar;
    private final ReadLimits limits;
    private final SampleCollector collector;
    private @Nullable String key;
    private @Nullable String imageName;
    private byte @Nullable [] image;
    private @Nullable String caption;
    private @Nullable Integer classId;
    private boolean imageSkipped;

    TarWalk(Path tar, ReadLimits limits, SampleCollector collector) {
      this.tar = tar;
      this.limits = limits;
      this.collector = collector;
    }

    void run() throws TrainerException {
      checkEnd();
      String entryName = "its first entry";
      try (TarArchiveInputStream in =
          new TarArchiveInputStream(new BufferedInputStream(Files.newInputStream(tar), 1 << 16))) {
        TarArchiveEntry entry = in.getNextEntry();
        while (entry != null) {
          entryName = "entry '" + entry.getName() + "'";
          if (!entry.isCheckSumOK()) {
            throw new TrainerException(
                Reason.CORRUPT_ARCHIVE,
                tar + ": " + entryName + " has a wrong checksum; get the tar again");
          }
          if (entry.isFile()) {
            take(entry, in);
          }
          entryName = "what follows " + entryName;
          entry = in.getNextEntry();
        }
      } catch (TrainerException e) {
        throw e;
      } catch (IOException | RuntimeException e) {
        throw new TrainerException(
            Reason.CORRUPT_ARCHIVE,
            tar + ": " + entryName + " cannot be read (" + e.getMessage() + "); get the tar again",
            e);
      }
      flush();
    }

    private void take(TarArchiveEntry entry, TarArchiveInputStream in)
        throws IOException, TrainerException {
      String path = entry.getName();
      int dot = path.indexOf('.', path.lastIndexOf('/') + 1);
      if (dot < 0) {
        return;
      }
      String entryKey = path.substring(0, dot);
      if (!entryKey.equals(key)) {
        flush();
        key = entryKey;
      }
      switch (path.substring(dot + 1).toLowerCase(Locale.ROOT)) {
        case "jpg", "jpeg", "png" -> {
          if (entry.getSize() > limits.maxImageBytes()) {
            imageSkipped = true;
            collector.skip(tar + ": " + path, BadImage.TOO_MANY_BYTES);
          } else if (image == null) {
            image = readExactly(entry, in);
            imageName = path;
          }
        }
        case "txt" -> caption = label(entry, in);
        case "cls" -> classId = parseClass(label(entry, in));
        default -> {}
      }
    }

    private static byte[] readExactly(TarArchiveEntry entry, TarArchiveInputStream in)
        throws IOException {
      byte[] bytes = in.readNBytes(Math.toIntExact(entry.getSize()));
      if (bytes.length != entry.getSize()) {
        throw new IOException("cut short");
      }
      return bytes;
    }

    private static @Nullable String label(TarArchiveEntry entry, TarArchiveInputStream in)
        throws IOException {
      return entry.getSize() > MAX_LABEL_BYTES
          ? null
          : new String(readExactly(entry, in), StandardCharsets.UTF_8).strip();
    }

    private static @Nullable Integer parseClass(@Nullable String text) {
      if (text == null || !text.matches("\\d{1,9}")) {
        return null;
      }
      return Integer.valueOf(text);
    }

    private void flush() throws TrainerException {
      if (key != null && image != null) {
        collector.add(tar + ": " + imageName, key, image, caption, classId);
      } else if (key != null && !imageSkipped && (caption != null || classId != null)) {
        collector.skip(tar + ": " + key, BadImage.NO_IMAGE);
      }
      key = null;
      imageName = null;
      image = null;
      caption = null;
      classId = null;
      imageSkipped = false;
    }

    /** A tar ends with zero blocks; one that was cut between two entries shows only here. */
    private void checkEnd() throws TrainerException {
      if (!Files.isRegularFile(tar)) {
        throw new TrainerException(Reason.NOT_FOUND, tar + ": no such file");
      }
      try (RandomAccessFile file = new RandomAccessFile(tar.toFile(), "r")) {
        long length = file.length();
        byte[] last = new byte[BLOCK];
        boolean whole = length >= 2 * BLOCK && length % BLOCK == 0;
        if (whole) {
          file.seek(length - BLOCK);
          file.readFully(last);
          for (byte b : last) {
            whole &= b == 0;
          }
        }
        if (!whole) {
          throw new TrainerException(
              Reason.CORRUPT_ARCHIVE,
              tar
                  + ": the end of the archive is missing ("
                  + length
                  + " bytes); get the tar again");
        }
      } catch (TrainerException e) {
        throw e;
      } catch (IOException e) {
        throw new TrainerException(Reason.NOT_FOUND, tar + ": " + e.getMessage(), e);
      }
    }
  }
}
