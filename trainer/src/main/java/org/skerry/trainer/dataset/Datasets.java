package org.skerry.trainer.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

/** Opens whatever a user names as a dataset. */
public final class Datasets {
  private Datasets() {}

  /**
   * Reads {@code path}, which says by itself what it is: a tar is a WebDataset, a {@code .bin} file
   * CIFAR's, a file that starts as IDX does (gzipped or not) is read as that; a folder is what its
   * files are, tars first, and otherwise a folder of images.
   *
   * @param size side in pixels that the images are cropped and resized to
   */
  public static Dataset open(Path path, int size, ReadLimits limits) throws TrainerException {
    try {
      if (Files.isRegularFile(path)) {
        return openFile(path, size, limits);
      }
      if (!Files.isDirectory(path)) {
        throw new TrainerException(
            Reason.NOT_FOUND, path + ": no such file or folder; name a .tar or a folder of images");
      }
      return openFolder(path, size, limits);
    } catch (TrainerException e) {
      throw e;
    } catch (IOException e) {
      throw new TrainerException(
          Reason.NOT_FOUND, path + ": cannot be listed; name a folder you may read", e);
    }
  }

  /**
   * Reads latents that were encoded before, from a tar or a folder of tars.
   *
   * @param format that they all must have
   */
  public static Dataset openLatents(Path path, SampleFormat format, ReadLimits limits)
      throws TrainerException {
    try {
      List<Path> tars = Files.isDirectory(path) ? tarsIn(path) : List.of(path);
      if (tars.isEmpty()) {
        throw new TrainerException(
            Reason.TOO_FEW_IMAGES,
            path + ": no .tar in it; name a tar of latents or a folder of some");
      }
      return WebDataset.readShards(tars, format, limits);
    } catch (TrainerException e) {
      throw e;
    } catch (IOException e) {
      throw new TrainerException(
          Reason.NOT_FOUND, path + ": cannot be listed; name a folder you may read", e);
    }
  }

  private static Dataset openFile(Path file, int size, ReadLimits limits) throws TrainerException {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".tar")) {
      return openTars(List.of(file), size, limits);
    }
    if (name.endsWith(".bin")) {
      return CifarBinary.read(List.of(file), size, limits);
    }
    if (IdxImages.isIdx(file)) {
      return IdxImages.read(file, size, limits);
    }
    throw new TrainerException(
        Reason.BAD_CONFIG,
        file
            + (name.matches(".*\\.(tar\\..*|tgz|zip)")
                ? ": a compressed archive; unpack it and name what was in it"
                : ": neither a .tar nor a folder, CIFAR .bin or IDX file; name one of these"));
  }

  private static Dataset openFolder(Path folder, int size, ReadLimits limits) throws IOException {
    List<Path> tars = tarsIn(folder);
    if (!tars.isEmpty()) {
      return openTars(tars, size, limits);
    }
    List<Path> cifar = CifarBinary.trainingFilesIn(folder);
    if (!cifar.isEmpty()) {
      return CifarBinary.read(cifar, size, limits);
    }
    Optional<Path> idx = IdxImages.trainingImagesIn(folder);
    return idx.isPresent()
        ? IdxImages.read(idx.get(), size, limits)
        : ImageFolder.read(folder, size, limits);
  }

  private static Dataset openTars(List<Path> tars, int size, ReadLimits limits)
      throws TrainerException {
    if (WebDataset.kindOf(tars.getFirst()) == SampleFormat.Kind.LATENTS) {
      throw new TrainerException(
          Reason.BAD_CONFIG,
          tars.getFirst() + ": holds latents, not images; name the images they were made of");
    }
    return WebDataset.read(tars, size, limits);
  }

  private static List<Path> tarsIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.getFileName().toString().endsWith(".tar")).sorted().toList();
    }
  }
}
