package org.skerry.trainer.dataset;

import java.awt.image.BufferedImage;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Writes WebDataset tars of PNG images, or of latents as NumPy files. The same images give the same
 * bytes: order, times, owners and modes are fixed.
 */
public final class ShardWriter {
  private final int imagesPerShard;

  public ShardWriter(int imagesPerShard) {
    if (imagesPerShard < 1) {
      throw new IllegalArgumentException("images per shard " + imagesPerShard + " below 1");
    }
    this.imagesPerShard = imagesPerShard;
  }

  /**
   * Writes {@code prefix-000000.tar} and so on into {@code folder}.
   *
   * @return the files, in the order of the images
   */
  public List<Path> write(ImageSet images, Path folder, String prefix) throws IOException {
    Files.createDirectories(folder);
    List<Path> shards = new ArrayList<>();
    for (int from = 0; from < images.count(); from += imagesPerShard) {
      Path shard = folder.resolve("%s-%06d.tar".formatted(prefix, shards.size()));
      writeShard(images, from, Math.min(images.count(), from + imagesPerShard), shard);
      shards.add(shard);
    }
    return List.copyOf(shards);
  }

  /** Writes all of {@code images} into one tar, which appears whole or not at all. */
  public static void writeSingle(ImageSet images, Path tar) throws IOException {
    writeShard(images, 0, images.count(), tar);
  }

  private static void writeShard(ImageSet images, int from, int to, Path shard) throws IOException {
    Path partial = shard.resolveSibling(shard.getFileName() + ".partial");
    try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(partial), 1 << 16);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(file, "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      tar.setAddPaxHeadersForNonAsciiNames(true);
      for (int i = from; i < to; i++) {
        ImageInfo info = images.info(i);
        switch (images.format().kind()) {
          case PIXELS -> put(tar, info.key() + ".png", png(images, i));
          case LATENTS ->
              put(tar, info.key() + ".npy", LatentFile.encode(images.format(), images.toFloats(i)));
        }
        String caption = info.caption();
        if (caption != null) {
          put(tar, info.key() + ".txt", caption.getBytes(StandardCharsets.UTF_8));
        }
        Integer classId = info.classId();
        if (classId != null) {
          put(tar, info.key() + ".cls", classId.toString().getBytes(StandardCharsets.US_ASCII));
        }
      }
    } catch (IOException e) {
      Files.deleteIfExists(partial);
      throw e;
    }
    Files.move(partial, shard, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void put(TarArchiveOutputStream tar, String name, byte[] content)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(content.length);
    entry.setModTime(0L);
    entry.setMode(0644);
    entry.setUserId(0);
    entry.setGroupId(0);
    entry.setUserName("");
    entry.setGroupName("");
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  /** One image as PNG. */
  public static byte[] png(ImageSet images, int index) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    if (!ImageIO.write(toBufferedImage(images, index), "png", bytes)) {
      throw new IOException("this Java has no PNG writer");
    }
    return bytes.toByteArray();
  }

  /** One image as {@link BufferedImage#TYPE_INT_RGB}. */
  public static BufferedImage toBufferedImage(ImageSet images, int index) {
    int size = images.size();
    byte[] planes = images.planes(index);
    BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < size * size; i++) {
      int rgb =
          (planes[i] & 0xff) << 16
              | (planes[size * size + i] & 0xff) << 8
              | (planes[2 * size * size + i] & 0xff);
      image.setRGB(i % size, i / size, rgb);
    }
    return image;
  }
}
