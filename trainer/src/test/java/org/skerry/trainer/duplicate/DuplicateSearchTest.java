package org.skerry.trainer.duplicate;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ShardWriter;

class DuplicateSearchTest {
  private static final int SIZE = 20;

  private static ImageSet set(List<byte[]> planes) {
    ImageSet.Builder builder = new ImageSet.Builder(SIZE);
    planes.forEach(p -> builder.add(ImageInfo.of("image" + builder.count()), p));
    return builder.build();
  }

  private static List<byte[]> pictures(int count) {
    ImageSet images = BuiltInPictures.generate(count, SIZE, 3);
    List<byte[]> planes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      planes.add(images.planes(i));
    }
    return planes;
  }

  private static byte[] noisy(byte[] planes, double levels, SplittableRandom random) {
    byte[] out = new byte[planes.length];
    for (int i = 0; i < out.length; i++) {
      double value = (planes[i] & 0xff) + levels * random.nextGaussian();
      out[i] = (byte) Math.round(Math.clamp(value, 0.0, 255.0));
    }
    return out;
  }

  private static byte[] savedAsJpeg(ImageSet images, int index) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(ShardWriter.toBufferedImage(images, index), "jpg", bytes);
    BufferedImage read = ImageIO.read(new ByteArrayInputStream(bytes.toByteArray()));
    byte[] planes = new byte[images.valuesPerImage()];
    int pixels = images.size() * images.size();
    for (int i = 0; i < pixels; i++) {
      int rgb = read.getRGB(i % images.size(), i / images.size());
      planes[i] = (byte) (rgb >> 16);
      planes[pixels + i] = (byte) (rgb >> 8);
      planes[2 * pixels + i] = (byte) rgb;
    }
    return planes;
  }

  @Test
  void tellsExactFromNearCopiesAndKeepsTheFirst() {
    SplittableRandom random = new SplittableRandom(1);
    List<byte[]> planes = pictures(40);
    planes.add(planes.get(7).clone());
    planes.add(noisy(planes.get(11), 2, random));
    planes.add(noisy(planes.get(7), 2, random));
    Duplicates found = DuplicateSearch.find(set(planes));
    assertThat(found.groups())
        .containsExactly(
            new Duplicates.Group(List.of(7, 40, 42), 1), new Duplicates.Group(List.of(11, 41), 0));
    assertThat(found.exactCopies()).isEqualTo(1);
    assertThat(found.nearCopies()).isEqualTo(2);
    assertThat(found.originals()).hasSize(40).doesNotContain(40, 41, 42);
    int[] partOf = new int[43];
    partOf[41] = 1;
    assertThat(found.groupsAcross(partOf)).isEqualTo(1);
    assertThat(found.groupOf()[42]).isZero();
    assertThat(found.groupOf()[3]).isEqualTo(-1);
  }

  @Test
  void aGentlePictureSavedAsJpegIsANearCopy() throws IOException {
    byte[] gentle = new byte[3 * SIZE * SIZE];
    for (int i = 0; i < gentle.length; i++) {
      gentle[i] = (byte) (20 + 10 * (i % SIZE) + i / SIZE % SIZE);
    }
    List<byte[]> planes = new ArrayList<>(pictures(10));
    planes.add(gentle);
    planes.add(savedAsJpeg(set(planes), 10));
    assertThat(planes.get(10)).isNotEqualTo(planes.get(11));
    assertThat(DuplicateSearch.find(set(planes)).groups())
        .containsExactly(new Duplicates.Group(List.of(10, 11), 0));
  }

  @Test
  void flatImagesOfOtherColoursAreNoCopies() {
    List<byte[]> planes = new ArrayList<>();
    for (int level = 0; level < 250; level += 10) {
      byte[] flat = new byte[3 * SIZE * SIZE];
      Arrays.fill(flat, (byte) level);
      planes.add(flat);
    }
    assertThat(DuplicateSearch.find(set(planes)).groups()).isEmpty();
    assertThat(DuplicateSearch.find(set(planes.subList(0, 1))).groups()).isEmpty();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void findsEveryPairThatComparingAllFinds(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<byte[]> planes = pictures(60);
    for (int i = 0; i < 60; i++) {
      planes.add(noisy(planes.get(random.nextInt(60)), random.nextDouble(1, 14), random));
    }
    ImageSet images = set(planes);
    int[] groupOf = DuplicateSearch.find(images).groupOf();
    int copies = 0;
    for (int a = 0; a < images.count(); a++) {
      for (int b = a + 1; b < images.count(); b++) {
        if (difference(images, a, b) <= 0.1 * Math.min(contrast(images, a), contrast(images, b))) {
          assertThat(groupOf[a]).as("%d and %d", a, b).isNotNegative().isEqualTo(groupOf[b]);
          copies++;
        }
      }
    }
    assertThat(copies).isBetween(5, 100);
  }

  private static double difference(ImageSet images, int a, int b) {
    byte[] first = images.planes(a);
    byte[] second = images.planes(b);
    double sum = 0;
    for (int i = 0; i < first.length; i++) {
      double d = (first[i] & 0xff) - (second[i] & 0xff);
      sum += d * d;
    }
    return Math.sqrt(sum / images.valuesPerImage());
  }

  private static double contrast(ImageSet images, int a) {
    double mean = 0;
    for (byte value : images.planes(a)) {
      mean += (value & 0xff) / (double) images.valuesPerImage();
    }
    double square = 0;
    for (byte value : images.planes(a)) {
      square += Math.pow((value & 0xff) - mean, 2) / images.valuesPerImage();
    }
    return Math.sqrt(square);
  }
}
