package org.skerry.trainer.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.skerry.trainer.clustering.ClusteringMethod;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.features.FeatureTable;

class PartitionReportTest {
  @TempDir Path folder;

  private static Partitioning.Members members(int... images) {
    List<Integer> all = IntStream.of(images).boxed().toList();
    return new Partitioning.Members(all.subList(0, 1), all.subList(1, 2), all.subList(2, 4));
  }

  @Test
  void measuresSpreadAndDistancesOfFeatures() {
    float[][] vectors = {
      {1, 0}, {1, 0}, {0, 1}, {0, 1}, {-1, 0}, {-1, 0}, {-1, 0}, {-1, 0},
    };
    Partitioning partitioning =
        new Partitioning(
            ClusteringMethod.K_MEANS,
            new FeatureTable("by hand", vectors),
            List.of(members(0, 1, 2, 3), members(4, 5, 6, 7)));
    PartitionReport report = PartitionReport.of(BuiltInPictures.generate(8, 8, 1), partitioning);
    // The first centroid is (.5, .5), half the diagonal from both its places.
    assertThat(report.partitions().getFirst().spread()).isCloseTo(Math.sqrt(0.5), within(1e-6));
    assertThat(report.partitions().getLast().spread()).isCloseTo(0, within(1e-6));
    assertThat(report.partitions().getFirst().distance())
        .isCloseTo(Math.sqrt(1.5 * 1.5 + 0.25), within(1e-6));
    assertThat(report.within()).isCloseTo(0.5, within(1e-6));
    assertThat(report.between()).isCloseTo(Math.sqrt(1.5 * 1.5 + 0.25) / 2, within(1e-6));
    assertThat(partitioning.assigned()).containsExactly(0, 0, 0, 0, 1, 1, 1, 1);
    assertThat(partitioning.heldOut()).containsExactly(1, 1, 0, 0, 1, 1, 0, 0);
  }

  @ParameterizedTest
  @EnumSource
  void probeFindsPartitionsOfPicturesAndNoneOfRandomLabels(ClusteringMethod method)
      throws IOException {
    ImageSet images = BuiltInPictures.generate(800, 16, 1);
    Partitioning partitioning =
        Partitioning.of(FeatureTable.builtIn(images), method, TaskSpec.of(4, 1));
    LinearProbe probe = LinearProbe.of(images, partitioning.assigned(), 4);
    assertThat(probe.clean()).isGreaterThan(0.9).isLessThanOrEqualTo(1);
    assertThat(probe.noisy()).isBetween(0.6, probe.clean());
    SplittableRandom random = new SplittableRandom(1);
    int[] labels = IntStream.range(0, images.count()).map(i -> random.nextInt(4)).toArray();
    assertThat(LinearProbe.of(images, labels, 4).clean()).isLessThan(0.4);
  }

  @Test
  void writesTableMapAndSheets() throws IOException {
    ImageSet images = BuiltInPictures.generate(300, 16, 1);
    Partitioning partitioning =
        Partitioning.of(FeatureTable.builtIn(images), ClusteringMethod.K_MEANS, TaskSpec.of(3, 1));
    PartitionReport report = PartitionReport.of(images, partitioning);
    report.write(images, partitioning, List.of("a note"), folder.resolve("report"));
    assertThat(Files.readAllLines(folder.resolve("report/partitions.txt")))
        .hasSize(7)
        .startsWith("a note")
        .endsWith(report.lines().getLast());
    assertThat(folder.resolve("report/sheet-002.png")).isNotEmptyFile();
    BufferedImage map = ImageIO.read(folder.resolve("report/map.png").toFile());
    Set<Integer> colours = new HashSet<>();
    for (int k = 0; k < 3; k++) {
      colours.add(map.getRGB(map.getWidth() - 220, 20 + 24 * k));
    }
    assertThat(colours).as("of the legend").hasSize(3);
    int[] dots = new int[3];
    Integer[] legend = colours.toArray(Integer[]::new);
    for (int y = 0; y < map.getHeight(); y++) {
      for (int x = 0; x < map.getHeight(); x++) {
        int rgb = map.getRGB(x, y);
        for (int k = 0; k < 3; k++) {
          dots[k] += nearer(rgb, legend[k]) ? 1 : 0;
        }
      }
    }
    assertThat(Arrays.stream(dots).min().orElse(0)).as("pixels of each colour").isPositive();
  }

  /** Dots are translucent: one that stands alone is the colour mixed with white. */
  private static boolean nearer(int rgb, int legend) {
    for (int shift = 0; shift <= 16; shift += 8) {
      int mixed = ((legend >> shift & 0xff) * 150 + 255 * 105) / 255;
      if (Math.abs((rgb >> shift & 0xff) - mixed) > 6) {
        return false;
      }
    }
    return true;
  }
}
