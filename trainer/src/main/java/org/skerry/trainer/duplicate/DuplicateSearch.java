package org.skerry.trainer.duplicate;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.skerry.trainer.dataset.BoxFilter;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.features.PrincipalComponents;

/**
 * Finds images that are copies of one another.
 *
 * <p><b>Exact</b> copies have the same SHA-256 over their decoded pixels. <b>Near</b> copies differ
 * by noise, as a picture saved again at another quality does: the root mean square difference of
 * their pixels, in levels of 0..255, is at most {@value #TOLERANCE} of the smaller contrast (the
 * standard deviation of an image's values), and at most {@value #MIN_LEVELS} level where there is
 * hardly any.
 *
 * <p>No pair within that threshold is missed, and few others are compared: averaging over cells and
 * projecting on principal axes can only shorten distances, so that images which are further apart
 * on the first axes than the threshold allows are no copies. Images are sorted along the first axis
 * and looked at within the threshold only.
 */
public final class DuplicateSearch {
  /** Share of the contrast that copies may differ by. */
  public static final double TOLERANCE = 0.1;

  /** Levels that copies of flat images may differ by. */
  public static final double MIN_LEVELS = 1;

  private static final int CELLS = 8;
  private static final int AXES = 16;

  /** The axes are fitted on this many images. */
  private static final int FITTED = 4_000;

  /** Distances are computed in float: a little more is let through to the check of pixels. */
  private static final double SLACK = 1.0001;

  private final ImageSet images;
  private final int[] parent;
  private final boolean[] exactCopy;

  private DuplicateSearch(ImageSet images) {
    this.images = images;
    parent = IntStream.range(0, images.count()).toArray();
    exactCopy = new boolean[images.count()];
  }

  /** All groups of copies among {@code images}. */
  public static Duplicates find(ImageSet images) {
    DuplicateSearch search = new DuplicateSearch(images);
    int[] different = search.joinExact();
    if (different.length > 1) {
      search.joinNear(different);
    }
    return search.groups();
  }

  /** Joins images of equal pixels; returns the first image of each. */
  private int[] joinExact() {
    ByteBuffer[] digests =
        IntStream.range(0, images.count())
            .parallel()
            .mapToObj(i -> ByteBuffer.wrap(sha256().digest(images.planes(i))))
            .toArray(ByteBuffer[]::new);
    Map<ByteBuffer, Integer> first = new HashMap<>();
    for (int i = 0; i < digests.length; i++) {
      Integer before = first.putIfAbsent(digests[i], i);
      if (before != null) {
        join(before, i);
        exactCopy[i] = true;
      }
    }
    return IntStream.range(0, images.count()).filter(i -> !exactCopy[i]).toArray();
  }

  private void joinNear(int[] different) {
    float[][] places = places(different);
    double[] threshold =
        IntStream.of(different)
            .parallel()
            .mapToDouble(i -> Math.max(MIN_LEVELS, TOLERANCE * contrast(images.planes(i))))
            .toArray();
    int[] order =
        IntStream.range(0, different.length)
            .boxed()
            .sorted(Comparator.<Integer>comparingDouble(i -> places[i][0]).thenComparing(i -> i))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int a = 0; a < order.length; a++) {
      int i = order[a];
      for (int b = a + 1; b < order.length; b++) {
        int j = order[b];
        if (places[j][0] - places[i][0] > threshold[i] * SLACK) {
          break;
        }
        double limit = Math.min(threshold[i], threshold[j]);
        if (within(places[i], places[j], limit * SLACK)
            && find(different[i]) != find(different[j])
            && difference(different[i], different[j]) <= limit) {
          join(different[i], different[j]);
        }
      }
    }
  }

  /**
   * Where images lie on the principal axes of their cells' averages, scaled so that distances are
   * root mean squares of pixel differences, or less.
   */
  private float[][] places(int[] different) {
    float[][] cells =
        IntStream.of(different).parallel().mapToObj(this::cells).toArray(float[][]::new);
    int step = Math.max(1, cells.length / FITTED);
    float[][] fitted =
        IntStream.range(0, (cells.length + step - 1) / step)
            .mapToObj(i -> cells[i * step])
            .toArray(float[][]::new);
    return fitted.length < 2 ? cells : PrincipalComponents.fit(fitted, AXES).project(cells);
  }

  private float[] cells(int index) {
    int size = images.size();
    int side = Math.min(CELLS, size);
    float[] values = new float[images.valuesPerImage()];
    images.copyTo(index, values, 0);
    float[] out = new float[ImageSet.CHANNELS * side * side];
    float[] plane = new float[size * size];
    float scale = (float) (127.5 / Math.sqrt(out.length));
    for (int channel = 0; channel < ImageSet.CHANNELS; channel++) {
      System.arraycopy(values, channel * plane.length, plane, 0, plane.length);
      float[] averages = BoxFilter.resize(plane, size, side);
      for (int i = 0; i < averages.length; i++) {
        out[channel * averages.length + i] = averages[i] * scale;
      }
    }
    return out;
  }

  private static boolean within(float[] a, float[] b, double limit) {
    double sum = 0;
    double most = limit * limit;
    for (int axis = 0; axis < a.length; axis++) {
      double difference = (double) a[axis] - b[axis];
      sum += difference * difference;
      if (sum > most) {
        return false;
      }
    }
    return true;
  }

  /** Root mean square difference of pixels, in levels. */
  private double difference(int a, int b) {
    byte[] first = images.planes(a);
    byte[] second = images.planes(b);
    long sum = 0;
    for (int i = 0; i < first.length; i++) {
      int difference = (first[i] & 0xff) - (second[i] & 0xff);
      sum += (long) difference * difference;
    }
    return Math.sqrt((double) sum / first.length);
  }

  /** Standard deviation of all values of an image, in levels. */
  private static double contrast(byte[] planes) {
    long sum = 0;
    long squares = 0;
    for (byte value : planes) {
      sum += value & 0xff;
      squares += (long) (value & 0xff) * (value & 0xff);
    }
    double mean = (double) sum / planes.length;
    return Math.sqrt(Math.max(0, (double) squares / planes.length - mean * mean));
  }

  private int find(int image) {
    int root = image;
    while (parent[root] != root) {
      parent[root] = parent[parent[root]];
      root = parent[root];
    }
    return root;
  }

  private void join(int a, int b) {
    int first = find(a);
    int second = find(b);
    parent[Math.max(first, second)] = Math.min(first, second);
  }

  private Duplicates groups() {
    Map<Integer, List<Integer>> byRoot = new LinkedHashMap<>();
    for (int i = 0; i < parent.length; i++) {
      byRoot.computeIfAbsent(find(i), root -> new ArrayList<>()).add(i);
    }
    List<Duplicates.Group> groups =
        byRoot.values().stream()
            .filter(members -> members.size() > 1)
            .map(members ->
                new Duplicates.Group(
                    members, (int) members.stream().filter(i -> exactCopy[i]).count()))
            .toList();
    return new Duplicates(images.count(), groups);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
