package org.skerry.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PngFileTest {
  @TempDir Path folder;

  @Test
  void textComesBackFromTheFile() throws IOException {
    Path file = folder.resolve("one.png");
    Map<String, String> text = Map.of("parameters", "a\nSteps: 1", "skerry", "{\"seed\":1}");
    PngFile.write(file, ImageGrid.picture(grey(0), 0, 4), text);
    assertThat(PngFile.readText(file)).isEqualTo(text);
    assertThat(Files.list(folder)).hasSize(1);
  }

  @Test
  void textBeyondLatinComesBack() throws IOException {
    Path file = folder.resolve("two.png");
    PngFile.write(file, ImageGrid.picture(grey(0), 0, 1), Map.of("Title", "скала é"));
    assertThat(PngFile.readText(file)).containsEntry("Title", "скала é");
  }

  @Test
  void whatIsNoPngOrDamagedIsRefused() throws IOException {
    Path file = folder.resolve("damaged.png");
    PngFile.write(file, ImageGrid.picture(grey(0), 0, 1), Map.of("Title", "grey"));
    byte[] good = Files.readAllBytes(file);
    int at = new String(good, StandardCharsets.ISO_8859_1).indexOf("grey");
    byte[] changed = good.clone();
    changed[at] ^= 1;
    assertUnreadable(file, changed, "a text of the PNG file is damaged");
    assertUnreadable(file, Arrays.copyOf(good, at), "no whole PNG file");
    assertUnreadable(file, Arrays.copyOf(good, good.length - 6), "no whole PNG file");
    byte[] longer = good.clone();
    ByteBuffer.wrap(longer).putInt(at - "Title".length() - 1 - 8, Integer.MAX_VALUE);
    assertUnreadable(file, longer, "carries more text");
    assertUnreadable(file, "GIF89a..".getBytes(StandardCharsets.US_ASCII), "no PNG file");
  }

  private static void assertUnreadable(Path file, byte[] bytes, String why) throws IOException {
    Files.write(file, bytes);
    assertThatThrownBy(() -> PngFile.readText(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(why);
  }

  @Test
  void compressedTextIsPassedOver() throws IOException {
    Path file = folder.resolve("compressed.png");
    PngFile.write(file, ImageGrid.picture(grey(0), 0, 1), Map.of("Title", "скала"));
    byte[] bytes = Files.readAllBytes(file);
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("iTXt");
    int length = ByteBuffer.wrap(bytes).getInt(at - 4);
    bytes[at + 4 + "Title".length() + 1] = 1;
    CRC32 sum = new CRC32();
    sum.update(bytes, at, 4 + length);
    ByteBuffer.wrap(bytes).putInt(at + 4 + length, (int) sum.getValue());
    Files.write(file, bytes);
    assertThat(PngFile.readText(file)).isEmpty();
  }

  @Test
  void refusesAKeywordThatPngForbids() {
    Path file = folder.resolve("three.png");
    BufferedImage picture = ImageGrid.picture(grey(0), 0, 1);
    assertThatThrownBy(() -> PngFile.write(file, picture, Map.of("k".repeat(80), "v")))
        .hasMessageContaining("not allowed");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void gridShowsCaptionsAndImagesInTheirPlaces() throws IOException {
    var grid = new ImageGrid("Title", List.of(row("real", 1f), row("top-1\nexpert", -1f)), 4);
    Path file = folder.resolve("grid.png");
    PngFile.write(file, grid.draw(), Map.of());
    BufferedImage picture = ImageIO.read(file.toFile());
    int captions = 4 + 6 * 6 * 2 + 4;
    int top = 4 + 9 * 2 + 4;
    int second = top + 18 + 4;
    assertThat(picture.getWidth()).isEqualTo(captions + 2 * (8 + 4) + 4);
    // Row 1 is as high as its text; its image of 2 x 2 pixels is enlarged four times.
    assertThat(picture.getRGB(captions, top) & 0xffffff).isEqualTo(0xffffff);
    assertThat(picture.getRGB(captions + 7, second + 7) & 0xffffff).isEqualTo(0);
    assertThat(picture.getRGB(captions + 8, second) & 0xffffff).isEqualTo(0xffffff);
    assertThat(ink(picture, 4, second, captions - 4, second + 36)).isGreaterThan(100);
  }

  @Test
  void everyLetterIsDrawnDifferently() {
    var seen = new HashMap<List<Integer>, Character>();
    for (char c = ' '; c <= '~'; c++) {
      var picture = new BufferedImage(6, 9, BufferedImage.TYPE_INT_RGB);
      PixelFont.draw(picture, String.valueOf(c), 0, 0, 1, 0xffffff);
      var pixels = Arrays.stream(picture.getRGB(0, 0, 6, 9, null, 0, 6)).boxed().toList();
      assertThat(seen.put(pixels, c)).as("twin of '%s'", c).isNull();
    }
  }

  private static long ink(BufferedImage picture, int x0, int y0, int x1, int y1) {
    long count = 0;
    for (int y = y0; y < y1; y++) {
      for (int x = x0; x < x1; x++) {
        count += (picture.getRGB(x, y) & 0xff) < 128 ? 1 : 0;
      }
    }
    return count;
  }

  private static ImageGrid.Row row(String caption, float value) {
    float[] data = new float[2 * 4];
    Arrays.fill(data, value);
    return new ImageGrid.Row(caption, new Images(2, 1, 2, data));
  }

  private static Images grey(float value) {
    float[] data = new float[3 * 4];
    Arrays.fill(data, value);
    return new Images(1, 3, 2, data);
  }
}
