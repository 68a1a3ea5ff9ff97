package org.skerry.trainer.dataset;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

/** One pass over one WebDataset tar, gathering adjacent files into samples. */
final class TarWalk {
  private static final int BLOCK = 512;
  private static final int MAX_LABEL_BYTES = 64 << 10;

  private final Path tar;
  private final Set<String> extensions;
  private final boolean withContent;
  private final ReadLimits limits;
  private final Visitor visitor;
  private @Nullable String key;
  private @Nullable String name;
  private long offset;
  private int length;
  private byte @Nullable [] content;
  private @Nullable String caption;
  private @Nullable Integer classId;
  private boolean skipped;

  /** Takes samples as they come. */
  interface Visitor {
    void take(TarSample sample) throws TrainerException;

    /**
     * @param where names tar and entry for messages
     */
    void skip(String where, BadImage reason) throws TrainerException;
  }

  /**
   * @param withContent whether the values' files are read, or only found
   */
  TarWalk(
      Path tar, SampleFormat.Kind kind, boolean withContent, ReadLimits limits, Visitor visitor) {
    this.tar = tar;
    this.extensions = extensionsOf(kind);
    this.withContent = withContent;
    this.limits = limits;
    this.visitor = visitor;
  }

  static Set<String> extensionsOf(SampleFormat.Kind kind) {
    return switch (kind) {
      case PIXELS -> Set.of("jpg", "jpeg", "png");
      case LATENTS -> Set.of("npy", "safetensors");
    };
  }

  /** What the first sample is; empty without any, or when the tar cannot be read. */
  static Optional<SampleFormat.Kind> firstKind(Path tar) {
    try (TarArchiveInputStream in =
        new TarArchiveInputStream(new BufferedInputStream(Files.newInputStream(tar), 1 << 16))) {
      TarArchiveEntry entry;
      while ((entry = in.getNextEntry()) != null) {
        String name = entry.getName().toLowerCase(Locale.ROOT);
        String extension = name.substring(name.indexOf('.', name.lastIndexOf('/') + 1) + 1);
        for (SampleFormat.Kind kind : SampleFormat.Kind.values()) {
          if (entry.isFile() && extensionsOf(kind).contains(extension)) {
            return Optional.of(kind);
          }
        }
      }
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
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
        if (entry.isSparse()) {
          throw new TrainerException(
              Reason.CORRUPT_ARCHIVE,
              tar + ": " + entryName + " is sparse; pack the tar without --sparse");
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
    String extension = path.substring(dot + 1).toLowerCase(Locale.ROOT);
    if (extensions.contains(extension)) {
      takeValues(entry, in);
    } else if (extension.equals("txt")) {
      caption = label(entry, in);
    } else if (extension.equals("cls")) {
      classId = parseClass(label(entry, in));
    }
  }

  private void takeValues(TarArchiveEntry entry, TarArchiveInputStream in)
      throws IOException, TrainerException {
    if (entry.getSize() > limits.maxImageBytes()) {
      skipped = true;
      visitor.skip(tar + ": " + entry.getName(), BadImage.TOO_MANY_BYTES);
    } else if (name == null) {
      name = entry.getName();
      offset = in.getBytesRead();
      length = (int) entry.getSize();
      content = withContent ? readExactly(entry, in) : null;
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
    if (key != null && name != null) {
      visitor.take(new TarSample(key, name, offset, length, content, caption, classId));
    } else if (key != null && !skipped && (caption != null || classId != null)) {
      visitor.skip(tar + ": " + key, BadImage.NO_IMAGE);
    }
    key = null;
    name = null;
    content = null;
    caption = null;
    classId = null;
    skipped = false;
  }

  /** A tar ends with zero blocks; one that was cut between two entries shows only here. */
  private void checkEnd() throws TrainerException {
    if (!Files.isRegularFile(tar)) {
      throw new TrainerException(
          Reason.NOT_FOUND, tar + ": no such file; name a WebDataset tar that is there");
    }
    try (RandomAccessFile file = new RandomAccessFile(tar.toFile(), "r")) {
      long size = file.length();
      byte[] last = new byte[BLOCK];
      boolean whole = size >= 2 * BLOCK && size % BLOCK == 0;
      if (whole) {
        file.seek(size - BLOCK);
        file.readFully(last);
        for (byte b : last) {
          whole &= b == 0;
        }
      }
      if (!whole) {
        throw new TrainerException(
            Reason.CORRUPT_ARCHIVE,
            tar + ": the end of the archive is missing (" + size + " bytes); get the tar again");
      }
    } catch (TrainerException e) {
      throw e;
    } catch (IOException e) {
      throw new TrainerException(Reason.NOT_FOUND, tar + ": " + e.getMessage(), e);
    }
  }
}
