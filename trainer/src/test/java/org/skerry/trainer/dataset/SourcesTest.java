package org.skerry.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

class SourcesTest {
  @TempDir Path folder;

  @Test
  void aFolderOfClassFoldersNumbersThemByName() throws IOException {
    Files.createDirectories(folder.resolve("zebra/far/away"));
    Files.createDirectories(folder.resolve("ant"));
    Files.createDirectories(folder.resolve("empty"));
    Files.write(folder.resolve("zebra/far/away/a.png"), png(1));
    Files.write(folder.resolve("ant/b.png"), png(2));
    Files.write(folder.resolve("ant/c.png"), png(3));
    Files.writeString(folder.resolve("ant/c.txt"), "an ant on a leaf\n");
    assertThat(open(folder).infos())
        .containsExactly(
            new ImageInfo("ant_b", "ant", 0),
            new ImageInfo("ant_c", "an ant on a leaf", 0),
            new ImageInfo("zebra_far_away_a", "zebra", 1));
  }

  @Test
  void anImageOutsideOfTheClassFoldersMeansThatThereAreNoClasses() throws IOException {
    Files.createDirectories(folder.resolve("ant"));
    Files.write(folder.resolve("ant/b.png"), png(2));
    Files.write(folder.resolve("a.png"), png(1));
    assertThat(open(folder).infos()).containsExactly(ImageInfo.of("a"), ImageInfo.of("ant_b"));
  }

  @Test
  void readsCifarTenWithTheNamesBesideIt() throws IOException {
    byte[] records = cifar(1, 3);
    Files.write(folder.resolve("data_batch_2.bin"), cifar(1, 2));
    Files.write(folder.resolve("data_batch_1.bin"), records);
    Files.write(folder.resolve("test_batch.bin"), cifar(1, 4));
    Files.writeString(folder.resolve("batches.meta.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
    ImageSet images = Datasets.open(folder, 32, ReadLimits.DEFAULT).images();
    assertThat(images.infos())
        .startsWith(
            new ImageInfo("data_batch_1-000000", "a", 0),
            new ImageInfo("data_batch_1-000001", "d", 3))
        .hasSize(5);
    assertThat(images.planes(1)).isEqualTo(Arrays.copyOfRange(records, 3074, 2 * 3073));
    assertThat(Datasets.open(folder.resolve("test_batch.bin"), 16, ReadLimits.DEFAULT).images())
        .extracting(ImageSet::count, ImageSet::size)
        .containsExactly(4, 16);
  }

  @Test
  void readsCifarHundredByItsFineLabels() throws IOException {
    byte[] records = cifar(2, 3);
    Files.write(folder.resolve("train.bin"), records);
    ImageSet images = Datasets.open(folder, 32, ReadLimits.DEFAULT).images();
    assertThat(images.infos()).extracting(ImageInfo::classId).containsExactly(0, 33, 66);
    assertThat(images.planes(0)).isEqualTo(Arrays.copyOfRange(records, 2, 3074));
  }

  @Test
  void refusesCifarFilesThatAreCutOrHaveLabelsOutOfRange() throws IOException {
    Path file = folder.resolve("data_batch_1.bin");
    for (int length : new int[] {0, 1, 3072, 3 * 3073 - 1}) {
      Files.write(file, Arrays.copyOf(cifar(1, 3), length));
      assertRefused(file, Reason.CORRUPT_ARCHIVE, "get the file again");
    }
    byte[] bad = cifar(1, 3);
    bad[2 * 3073] = 10;
    Files.write(file, bad);
    assertRefused(file, Reason.CORRUPT_ARCHIVE, "record 2");
  }

  @Test
  void readsIdxPlainAndGzippedAsGreyImages() throws IOException {
    Files.write(folder.resolve("train-images-idx3-ubyte"), idx(5, 6, 4));
    write(folder.resolve("train-labels-idx1-ubyte"), labels(5), false);
    write(folder.resolve("t10k-images-idx3-ubyte.gz"), idx(2, 6, 4), true);
    write(folder.resolve("t10k-labels-idx1-ubyte.gz"), labels(2), true);
    ImageSet images = Datasets.open(folder, 4, ReadLimits.DEFAULT).images();
    assertThat(images.infos()).extracting(ImageInfo::classId).containsExactly(0, 1, 2, 3, 4);
    // The middle four of six rows, the same in all channels.
    for (int channel = 0; channel < 3; channel++) {
      assertThat(images.valueAt(2, channel, 0, 0)).isEqualTo(2 * 24 + 4);
      assertThat(images.valueAt(2, channel, 3, 3)).isEqualTo(2 * 24 + 19);
    }
    Path gzipped = folder.resolve("t10k-images-idx3-ubyte.gz");
    assertThat(open(gzipped).infos()).extracting(ImageInfo::classId).containsExactly(0, 1);
  }

  @Test
  void refusesIdxThatPromisesWhatItDoesNotHold() throws IOException {
    Path file = folder.resolve("x-images-idx3-ubyte");
    byte[] whole = idx(3, 4, 4);
    for (int length = 4; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertRefused(file, Reason.CORRUPT_ARCHIVE, "get the file again");
    }
    Files.write(file, Arrays.copyOf(whole, whole.length + 1));
    assertRefused(file, Reason.CORRUPT_ARCHIVE, "something follows");
    for (int[] sides : new int[][] {{3, 0, 4}, {-1, 4, 4}, {3, 100_000, 100_000}, {3, 4, 1_000}}) {
      Files.write(file, header(3, sides));
      assertRefused(file, Reason.CORRUPT_ARCHIVE, "header");
    }
    Files.write(file, header(3, Integer.MAX_VALUE, 4, 4));
    assertRefused(file, Reason.CORRUPT_ARCHIVE, "ends after 0 of 2147483647");
    Files.write(file, whole);
    Files.write(folder.resolve("x-labels-idx1-ubyte"), labels(2));
    assertRefused(file, Reason.CORRUPT_ARCHIVE, "one label for each image");
  }

  @Test
  void aGzipBombCostsNoMoreThanTheLimitOfImages() throws IOException {
    ReadLimits few = new ReadLimits(1 << 20, 64, 4_096, 10, 100, 0.1);
    Path bomb = folder.resolve("bomb-images-idx3-ubyte.gz");
    ByteBuffer zeros = ByteBuffer.allocate(16 + (16 << 20));
    zeros.put(header(3, 1 << 20, 4, 4));
    write(bomb, zeros.array(), true);
    assertThat(Files.size(bomb)).isLessThan(100_000);
    assertThatThrownBy(() -> Datasets.open(bomb, 4, few))
        .isInstanceOfSatisfying(
            TrainerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TOO_LARGE));
  }

  @Test
  void whatIsNoSourceIsNamedWithARemedy() throws IOException {
    Path zip = Files.write(folder.resolve("images.tar.gz"), new byte[] {1, 2});
    assertRefused(zip, Reason.BAD_CONFIG, "images.tar.gz: a compressed archive; unpack it");
    Path text = Files.writeString(folder.resolve("notes.txt"), "hello");
    assertRefused(text, Reason.BAD_CONFIG, "notes.txt: neither a .tar nor a folder");
    Path broken = Files.write(folder.resolve("x.gz"), new byte[] {0x1f, (byte) 0x8b, 0, 0});
    assertRefused(broken, Reason.BAD_CONFIG, "x.gz: neither");
    assertRefused(folder.resolve("gone"), Reason.NOT_FOUND, "gone: no such file or folder; name");
  }

  @Test
  void noiseOfAnyKindIsRefusedOrCountedNeverThrownThrough() throws IOException {
    long seed = 11;
    Random random = new Random(seed);
    for (String name : new String[] {"a.bin", "b.tar", "c-images-idx3-ubyte", "d.gz", "e.png"}) {
      for (int i = 0; i < 40; i++) {
        byte[] noise = new byte[random.nextInt(4_000)];
        random.nextBytes(noise);
        Path file = Files.write(folder.resolve(name), noise);
        assertThatThrownBy(() -> open(file))
            .as("seed %s, %s, round %s", seed, name, i)
            .isInstanceOf(TrainerException.class)
            .hasMessageContaining(name);
      }
    }
  }

  private static ImageSet open(Path path) throws TrainerException {
    return Datasets.open(path, 8, ReadLimits.DEFAULT).images();
  }

  private static void assertRefused(Path path, Reason reason, String message) {
    assertThatThrownBy(() -> open(path))
        .isInstanceOfSatisfying(
            TrainerException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }

  /** Records whose labels count up by three (by 33 for two labels). */
  private static byte[] cifar(int labels, int count) {
    byte[] bytes = new byte[count * (labels + 3072)];
    new Random(count).nextBytes(bytes);
    for (int i = 0; i < count; i++) {
      int at = i * (labels + 3072);
      bytes[at] = (byte) (labels == 1 ? 3 * i : i);
      if (labels == 2) {
        bytes[at + 1] = (byte) (33 * i);
      }
    }
    return bytes;
  }

  private static byte[] idx(int... sides) {
    ByteBuffer out = ByteBuffer.allocate(16 + sides[0] * sides[1] * sides[2]);
    out.put(header(3, sides));
    for (int i = 0; out.hasRemaining(); i++) {
      out.put((byte) i);
    }
    return out.array();
  }

  private static byte[] labels(int count) {
    ByteBuffer out = ByteBuffer.allocate(8 + count).put(header(1, count));
    for (int i = 0; i < count; i++) {
      out.put((byte) i);
    }
    return out.array();
  }

  private static byte[] header(int rank, int... sides) {
    ByteBuffer out = ByteBuffer.allocate(4 + 4 * sides.length).putInt(0x0800 | rank);
    for (int side : sides) {
      out.putInt(side);
    }
    return out.array();
  }

  private static void write(Path file, byte[] bytes, boolean gzip) throws IOException {
    try (OutputStream raw = Files.newOutputStream(file);
        OutputStream out = gzip ? new GZIPOutputStream(raw) : raw) {
      out.write(bytes);
    }
  }

  private static byte[] png(int blue) throws IOException {
    BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, blue);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }
}
