package org.skerry.trainer.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

/** Opens whatever a user names as a dataset. */
public final class Datasets {
  private Datasets() {}

  /**
   * Reads {@code path}: a tar is a WebDataset, a folder with tars in it is one in shards, any other
   * folder is a folder of images.
   *
   * @param size side in pixels that the images are cropped and resized to
   */
  public static Dataset open(Path path, int size, ReadLimits limits) throws TrainerException {
    if (Files.isRegularFile(path)) {
      if (!path.getFileName().toString().endsWith(".tar")) {
        throw new TrainerException(
            Reason.BAD_CONFIG, path + ": neither a .tar nor a folder; name one of these");
      }
      return WebDataset.read(List.of(path), size, limits);
    }
    if (!Files.isDirectory(path)) {
      throw new TrainerException(
          Reason.NOT_FOUND, path + ": no such file or folder; name a .tar or a folder of images");
    }
    List<Path> tars = tarsIn(path);
    return tars.isEmpty()
        ? ImageFolder.read(path, size, limits)
        : WebDataset.read(tars, size, limits);
  }

  private static List<Path> tarsIn(Path folder) throws TrainerException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.getFileName().toString().endsWith(".tar")).sorted().toList();
    } catch (IOException e) {
      throw new TrainerException(Reason.NOT_FOUND, folder + ": cannot be listed", e);
    }
  }
}
