package org.skerry.trainer.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

/**
 * Reads the JPEG and PNG files of a folder and the folders below it, ordered by path, so that the
 * same files give the same dataset. Links are not followed.
 */
public final class ImageFolder {
  private static final Set<String> EXTENSIONS = Set.of("jpg", "jpeg", "png");

  private ImageFolder() {}

  public static Dataset read(Path folder, int size, ReadLimits limits) throws TrainerException {
    SampleCollector collector = new SampleCollector(size, false, limits);
    for (Path file : imageFiles(folder)) {
      String where = file.toString();
      byte[] bytes;
      try (InputStream in = Files.newInputStream(file)) {
        bytes = in.readNBytes(limits.maxImageBytes() + 1);
      } catch (IOException e) {
        throw new TrainerException(Reason.NOT_FOUND, where + ": " + e.getMessage(), e);
      }
      String relative = folder.relativize(file).toString().replace('\\', '/');
      String key = relative.substring(0, relative.lastIndexOf('.'));
      collector.add(where, key, bytes, null, null);
    }
    return collector.finish(folder.toString());
  }

  private static List<Path> imageFiles(Path folder) throws TrainerException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).filter(ImageFolder::isImage).sorted().toList();
    } catch (IOException e) {
      throw new TrainerException(Reason.NOT_FOUND, folder + ": cannot be listed", e);
    }
  }

  private static boolean isImage(Path file) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return dot >= 0 && EXTENSIONS.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT));
  }
}
