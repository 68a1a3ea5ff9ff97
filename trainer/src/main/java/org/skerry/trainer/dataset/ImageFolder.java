package org.skerry.trainer.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

/**
 * Reads the JPEG and PNG files of a folder and the folders below it, ordered by path, so that the
 * same files give the same dataset. When all of them lie in sub-folders, the first of these is
 * their class, numbered by sorted name, and their caption unless they have one of their own: the
 * {@code .txt} beside them. Links are not followed.
 */
public final class ImageFolder {
  private static final Set<String> EXTENSIONS = Set.of("jpg", "jpeg", "png");
  private static final int MAX_CAPTION_BYTES = 64 << 10;

  private ImageFolder() {}

  public static Dataset read(Path folder, int size, ReadLimits limits) throws TrainerException {
    SampleCollector collector =
        new SampleCollector(new SampleDecoder(SampleFormat.pixels(size), false, limits), limits);
    List<Path> files = imageFiles(folder);
    Map<String, Integer> classes = classes(folder, files);
    for (Path file : files) {
      String relative = folder.relativize(file).toString().replace('\\', '/');
      String key = relative.substring(0, relative.lastIndexOf('.'));
      String className = folder.relativize(file).getName(0).toString();
      Integer classId = classes.get(className);
      String caption = caption(file);
      collector.add(
          file.toString(),
          key,
          bytes(file, limits.maxImageBytes() + 1),
          caption == null && classId != null ? className : caption,
          classId);
    }
    List<String> names = classes.keySet().stream().sorted().toList();
    return collector.finish(folder.toString()).withClassNames(names);
  }

  /** The number of each sub-folder; none when an image lies outside of all of them. */
  private static Map<String, Integer> classes(Path folder, List<Path> files) {
    Map<String, Integer> classes = new HashMap<>();
    for (Path file : files) {
      Path relative = folder.relativize(file);
      if (relative.getNameCount() == 1) {
        return Map.of();
      }
      classes.put(relative.getName(0).toString(), 0);
    }
    List<String> sorted = classes.keySet().stream().sorted().toList();
    for (int i = 0; i < sorted.size(); i++) {
      classes.put(sorted.get(i), i);
    }
    return classes;
  }

  private static @Nullable String caption(Path image) throws TrainerException {
    String name = image.getFileName().toString();
    Path text = image.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".txt");
    if (!Files.isRegularFile(text)) {
      return null;
    }
    byte[] bytes = bytes(text, MAX_CAPTION_BYTES + 1);
    return bytes.length > MAX_CAPTION_BYTES
        ? null
        : new String(bytes, StandardCharsets.UTF_8).strip();
  }

  private static byte[] bytes(Path file, int most) throws TrainerException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(most);
    } catch (IOException e) {
      throw new TrainerException(
          Reason.NOT_FOUND,
          file + ": cannot be read (" + e.getMessage() + "); check it is yours",
          e);
    }
  }

  private static List<Path> imageFiles(Path folder) throws TrainerException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).filter(ImageFolder::isImage).sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      throw new TrainerException(
          Reason.NOT_FOUND, folder + ": cannot be listed; name a folder you may read", e);
    }
  }

  private static boolean isImage(Path file) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return dot >= 0 && EXTENSIONS.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT));
  }
}
