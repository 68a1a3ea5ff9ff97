package org.skerry.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

class WebDatasetTest {
  @TempDir Path folder;

  @Test
  void readsImagesCaptionsAndClassesOfAdjacentFiles() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("a/cat.png", png(8, 8, Color.RED));
    files.put("a/cat.txt", "a red cat".getBytes(StandardCharsets.UTF_8));
    files.put("a/cat.cls", "7".getBytes(StandardCharsets.UTF_8));
    files.put("dog.jpg", encode(solid(8, 8, Color.BLUE, BufferedImage.TYPE_INT_RGB), "jpg"));

    ImageSet images = read(tar(files)).images();

    assertThat(images.infos())
        .containsExactly(new ImageInfo("a_cat", "a red cat", 7), ImageInfo.of("dog"));
    assertThat(images.valueAt(0, 0, 2, 2)).isEqualTo(255);
    assertThat(images.valueAt(0, 1, 2, 2)).isZero();
    assertThat(images.valueAt(1, 2, 2, 2)).isGreaterThan(240);
  }

  @Test
  void readsNamesLongerThanTheOldHeaderField() throws IOException {
    String longName = "deep/".repeat(30) + "x".repeat(40);
    assertThat(read(tar(Map.of(longName + ".png", png(8, 8, Color.RED)))).images().info(0).key())
        .endsWith("x".repeat(30));
  }

  @Test
  void compositesAlphaOnWhiteAndAveragesWhenShrinking() throws IOException {
    BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < 8; y++) {
      for (int x = 0; x < 8; x += 2) {
        image.setRGB(x, y, 0xFF000000); // black opaque columns beside fully transparent ones
      }
    }
    ImageSet images = read(tar(Map.of("a.png", encode(image, "png")))).images();
    assertThat(images.valueAt(0, 1, 1, 1)).isEqualTo(128);
  }

  @Test
  void cutsTheCentreSquareOutOfWideImages() throws IOException {
    BufferedImage image = solid(24, 8, Color.GREEN, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.RED);
    graphics.fillRect(8, 0, 8, 8);
    graphics.dispose();
    ImageSet images = read(tar(Map.of("a.png", encode(image, "png")))).images();
    for (int x = 0; x < 4; x++) {
      assertThat(images.valueAt(0, 0, 1, x)).isEqualTo(255);
    }
  }

  @Test
  void refusesBombsByTheirHeaderAndCountsThem() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int i = 0; i < 20; i++) {
      files.put("ok" + i + ".png", png(8, 8, Color.RED));
    }
    files.put("bomb.png", withHeader(png(8, 8, Color.RED), 60_000, 60_000));
    files.put("strip.png", png(400, 2, Color.RED));
    Dataset dataset = read(tar(files));
    assertThat(dataset.images().count()).isEqualTo(20);
    assertThat(dataset.skipped()).containsExactly(Map.entry(BadImage.ABSURD_DIMENSIONS, 2));
  }

  @Test
  void countsACorruptImageAndReadsOn() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int i = 0; i < 20; i++) {
      files.put("ok" + i + ".png", png(8, 8, Color.RED));
    }
    files.put("bad.png", Arrays.copyOf(png(8, 8, Color.RED), 40));
    files.put("worse.jpg", "no image".getBytes(StandardCharsets.UTF_8));
    Dataset dataset = read(tar(files));
    assertThat(dataset.skipped()).containsExactly(Map.entry(BadImage.UNDECODABLE, 2));
    assertThat(dataset.skippedText().orElseThrow())
        .startsWith("2 unreadable images are left out: ")
        .contains("bad.png (UNDECODABLE), ", "worse.jpg (UNDECODABLE)");
  }

  @Test
  void namesFileAndEntryWhenTooManyImagesAreCorrupt() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("ok.png", png(8, 8, Color.RED));
    files.put("bad.png", new byte[] {1, 2, 3});
    Path tar = tar(files);
    assertThatThrownBy(() -> read(tar))
        .isInstanceOfSatisfying(
            TrainerException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.TOO_MANY_BAD_IMAGES))
        .hasMessageContaining("1 of 2")
        .hasMessageContaining(tar + ": bad.png");
  }

  @Test
  void refusesATarThatWasCutAnywhere() throws IOException {
    byte[] whole = Files.readAllBytes(tar(Map.of("a.png", png(8, 8, Color.RED))));
    for (int length : new int[] {0, 100, 512, 700, 1024}) {
      Path cut = folder.resolve("cut.tar");
      Files.write(cut, Arrays.copyOf(whole, length));
      assertCorrupt(cut);
    }
  }

  @Test
  void refusesATarWithADamagedHeader() throws IOException {
    Path tar = tar(Map.of("a.png", png(8, 8, Color.RED)));
    byte[] bytes = Files.readAllBytes(tar);
    bytes[2] ^= 1;
    Files.write(tar, bytes);
    assertCorrupt(tar);
  }

  @Test
  void refusesBytesThatAreNoTar() throws IOException {
    byte[] noise = new byte[8192];
    new java.util.Random(5).nextBytes(noise);
    Arrays.fill(noise, 4096, 8192, (byte) 0);
    Path tar = folder.resolve("noise.tar");
    Files.write(tar, noise);
    assertCorrupt(tar);
  }

  @Test
  void shardsMustHaveExactlyTheTasksSize() throws IOException {
    Path tar = tar(Map.of("a.png", png(8, 8, Color.RED)));
    assertThatThrownBy(() -> WebDataset.readShards(List.of(tar), 4, ReadLimits.DEFAULT))
        .hasMessageContaining("WRONG_SIZE");
    assertThat(WebDataset.readShards(List.of(tar), 8, ReadLimits.DEFAULT).images().count())
        .isEqualTo(1);
  }

  @Test
  void saysWhatIsMissingWhenThereIsNothingToRead() {
    assertThatThrownBy(() -> Datasets.open(folder.resolve("gone"), 8, ReadLimits.DEFAULT))
        .hasMessageContaining("no such file or folder");
    assertThatThrownBy(() -> Datasets.open(folder, 8, ReadLimits.DEFAULT))
        .hasMessageContaining("no JPEG or PNG image");
  }

  @Test
  void readsAFolderOfImagesInTheOrderOfPaths() throws IOException {
    Files.createDirectories(folder.resolve("in/sub"));
    Files.write(folder.resolve("in/b.PNG"), png(8, 8, Color.RED));
    Files.write(folder.resolve("in/sub/a.jpeg"), encode(solid(9, 9, Color.RED, 1), "jpg"));
    Files.write(folder.resolve("in/notes.txt"), new byte[] {1});
    ImageSet images = Datasets.open(folder.resolve("in"), 8, ReadLimits.DEFAULT).images();
    assertThat(images.infos()).extracting(ImageInfo::key).containsExactly("b", "sub_a");
  }

  @Test
  void writesTheSameShardsForTheSameImagesAndReadsThemBack() throws IOException {
    ImageSet images = BuiltInPictures.generate(20, 16, 3);
    List<Path> first = new ShardWriter(8).write(images, folder.resolve("one"), "train");
    List<Path> second = new ShardWriter(8).write(images, folder.resolve("two"), "train");
    assertThat(first).hasSize(3);
    for (int i = 0; i < first.size(); i++) {
      assertThat(first.get(i)).hasSameBinaryContentAs(second.get(i));
    }
    ImageSet back = WebDataset.readShards(first, 16, ReadLimits.DEFAULT).images();
    assertThat(back.infos()).isEqualTo(images.infos());
    assertThat(back.toFloats()).isEqualTo(images.toFloats());
  }

  private static Dataset read(Path tar) throws TrainerException {
    return WebDataset.read(List.of(tar), 4, ReadLimits.DEFAULT);
  }

  private static void assertCorrupt(Path tar) {
    assertThatThrownBy(() -> read(tar))
        .isInstanceOfSatisfying(
            TrainerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT_ARCHIVE))
        .hasMessageContaining(tar.toString());
  }

  private Path tar(Map<String, byte[]> files) throws IOException {
    return Tars.write(folder.resolve("test.tar"), files);
  }

  private static byte[] png(int width, int height, Color colour) throws IOException {
    return encode(solid(width, height, colour, BufferedImage.TYPE_INT_RGB), "png");
  }

  private static BufferedImage solid(int width, int height, Color colour, int type) {
    BufferedImage image = new BufferedImage(width, height, type);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(colour);
    graphics.fillRect(0, 0, width, height);
    graphics.dispose();
    return image;
  }

  private static byte[] encode(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, format, bytes);
    return bytes.toByteArray();
  }

  /** Rewrites a PNG's IHDR with other dimensions and a checksum that fits. */
  private static byte[] withHeader(byte[] png, int width, int height) {
    java.nio.ByteBuffer buffer = java.nio.ByteBuffer.wrap(png.clone());
    buffer.putInt(16, width).putInt(20, height);
    CRC32 crc = new CRC32();
    crc.update(buffer.array(), 12, 17);
    buffer.putInt(29, (int) crc.getValue());
    return buffer.array();
  }
}
