package org.skerry.trainer.partition;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.skerry.trainer.dataset.ImageSet;

/**
 * What a researcher wants to know of partitions before experts are trained on them. Distances are
 * between feature vectors of length one, so that they lie in 0..2.
 *
 * @param partitions in the order of their index
 * @param within root mean square distance of images to the centroid of their partition
 * @param between root mean square distance of those centroids, weighted by size, to the centroid of
 *     all images
 * @param probe how separable a linear router finds the partitions
 */
public record PartitionReport(
    List<Row> partitions, double within, double between, LinearProbe probe) {
  /**
   * One partition.
   *
   * @param images in all its splits
   * @param spread mean distance of its images to its centroid
   * @param nearest the partition with the nearest centroid; itself when there is no other
   * @param distance to that centroid
   */
  public record Row(int images, double spread, int nearest, double distance) {}

  public PartitionReport {
    partitions = List.copyOf(partitions);
  }

  public static PartitionReport of(ImageSet images, Partitioning partitioning) {
    float[][] vectors = partitioning.features().vectors();
    int[] assigned = partitioning.assigned();
    int k = partitioning.partitions().size();
    double[][] centroids = new double[k][vectors[0].length];
    double[] centre = new double[vectors[0].length];
    for (int i = 0; i < vectors.length; i++) {
      int members = partitioning.partitions().get(assigned[i]).count();
      for (int j = 0; j < centre.length; j++) {
        centroids[assigned[i]][j] += (double) vectors[i][j] / members;
        centre[j] += (double) vectors[i][j] / vectors.length;
      }
    }
    double within = 0;
    double between = 0;
    double[] spread = new double[k];
    for (int i = 0; i < vectors.length; i++) {
      double[] vector = new double[centre.length];
      for (int j = 0; j < vector.length; j++) {
        vector[j] = vectors[i][j];
      }
      double distance = distance(vector, centroids[assigned[i]]);
      spread[assigned[i]] += distance / partitioning.partitions().get(assigned[i]).count();
      within += distance * distance / vectors.length;
      double far = distance(centroids[assigned[i]], centre);
      between += far * far / vectors.length;
    }
    List<Row> rows = new ArrayList<>();
    for (int c = 0; c < k; c++) {
      int nearest = c;
      double best = Double.POSITIVE_INFINITY;
      for (int other = 0; other < k; other++) {
        double distance = distance(centroids[c], centroids[other]);
        if (other != c && distance < best) {
          best = distance;
          nearest = other;
        }
      }
      int members = partitioning.partitions().get(c).count();
      rows.add(new Row(members, spread[c], nearest, nearest == c ? 0 : best));
    }
    return new PartitionReport(
        rows, Math.sqrt(within), Math.sqrt(between), LinearProbe.of(images, assigned, k));
  }

  /** A table and two sentences. */
  public List<String> lines() {
    int all = partitions.stream().mapToInt(Row::images).sum();
    List<String> lines = new ArrayList<>();
    lines.add("partition   images    share   spread   nearest (distance)");
    for (int k = 0; k < partitions.size(); k++) {
      Row row = partitions.get(k);
      lines.add(
          format(
              "%9d %8d %7.1f%% %8.3f   %7s",
              k,
              row.images(),
              100.0 * row.images() / all,
              row.spread(),
              row.nearest() == k ? "none" : format("%d (%.3f)", row.nearest(), row.distance())));
    }
    if (partitions.size() == 1) {
      return lines;
    }
    lines.add(
        format(
            "Spread within partitions %.3f, between them %.3f (root mean squares of distances).",
            within, between));
    lines.add(
        format(
            "A linear probe on 8x8 pixels names the partition of %.0f %% of held-out images,"
                + " of %.0f %% at half noise; always naming the largest, of %.0f %%.",
            100 * probe.clean(), 100 * probe.noisy(), 100 * probe.chance()));
    return lines;
  }

  /**
   * Writes {@code partitions.txt}, {@code map.png} and the contact sheets into {@code folder},
   * which is created.
   *
   * @param notes lines before the table
   */
  public void write(ImageSet images, Partitioning partitioning, List<String> notes, Path folder)
      throws IOException {
    Files.createDirectories(folder);
    List<String> text = new ArrayList<>(notes);
    text.addAll(lines());
    Files.write(folder.resolve("partitions.txt"), text);
    FeatureMap.write(partitioning, folder.resolve("map.png"));
    for (int k = 0; k < partitions.size(); k++) {
      int[] training =
          partitioning.partitions().get(k).training().stream()
              .mapToInt(Integer::intValue)
              .toArray();
      ContactSheet.write(
          images.select(training), 8, 12, folder.resolve("sheet-%03d.png".formatted(k)));
    }
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += (a[j] - b[j]) * (a[j] - b[j]);
    }
    return Math.sqrt(sum);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
