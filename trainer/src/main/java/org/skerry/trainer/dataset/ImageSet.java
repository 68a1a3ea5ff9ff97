package org.skerry.trainer.dataset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Square RGB images in memory, one unsigned byte a value, channel by channel: as a whole {@code [n,
 * 3, size, size]}. Immutable once built.
 *
 * <p>A network sees {@code x0 = byte / 127.5 - 1}, in [-1, 1].
 */
public final class ImageSet {
  public static final int CHANNELS = 3;

  /** Largest side in pixels. */
  public static final int MAX_SIZE = 1024;

  private final int size;
  private final List<ImageInfo> infos;
  private final List<byte[]> planes;

  private ImageSet(int size, List<ImageInfo> infos, List<byte[]> planes) {
    this.size = size;
    this.infos = List.copyOf(infos);
    this.planes = List.copyOf(planes);
  }

  /** Width and height in pixels. */
  public int size() {
    return size;
  }

  /** Number of images. */
  public int count() {
    return planes.size();
  }

  /** Values of one image: {@code 3 · size · size}. */
  public int valuesPerImage() {
    return CHANNELS * size * size;
  }

  public ImageInfo info(int index) {
    return infos.get(index);
  }

  public List<ImageInfo> infos() {
    return infos;
  }

  /** A copy of one image's bytes, {@code [3, size, size]}. */
  public byte[] planes(int index) {
    return planes.get(index).clone();
  }

  /** One value, 0..255. */
  public int valueAt(int index, int channel, int y, int x) {
    return planes.get(index)[(channel * size + y) * size + x] & 0xff;
  }

  /** Writes image {@code index} as floats in [-1, 1] to {@code target} from {@code offset} on. */
  public void copyTo(int index, float[] target, int offset) {
    byte[] image = planes.get(index);
    for (int i = 0; i < image.length; i++) {
      target[offset + i] = (image[i] & 0xff) / 127.5f - 1f;
    }
  }

  /** The images at {@code indices} as floats in [-1, 1], {@code [indices, 3, size, size]}. */
  public float[] toFloats(int... indices) {
    float[] result = new float[Math.multiplyExact(indices.length, valuesPerImage())];
    for (int i = 0; i < indices.length; i++) {
      copyTo(indices[i], result, i * valuesPerImage());
    }
    return result;
  }

  /** All images as floats in [-1, 1]. */
  public float[] toFloats() {
    return toFloats(IntStream.range(0, count()).toArray());
  }

  /** A view-like set with the images at {@code indices}, in that order; pixels are shared. */
  public ImageSet select(int... indices) {
    return new ImageSet(
        size,
        Arrays.stream(indices).mapToObj(infos::get).toList(),
        Arrays.stream(indices).mapToObj(planes::get).toList());
  }

  /** The images of all {@code sets}, which must agree in size, one set after the other. */
  public static ImageSet concat(List<ImageSet> sets) {
    if (sets.isEmpty()) {
      throw new IllegalArgumentException("no image set to join");
    }
    int size = sets.getFirst().size;
    List<ImageInfo> infos = new ArrayList<>();
    List<byte[]> planes = new ArrayList<>();
    for (ImageSet set : sets) {
      if (set.size != size) {
        throw new IllegalArgumentException("image sizes differ: " + size + " and " + set.size);
      }
      infos.addAll(set.infos);
      planes.addAll(set.planes);
    }
    return new ImageSet(size, infos, planes);
  }

  /** Images from floats in [-1, 1] (values outside are clamped), {@code [n, 3, size, size]}. */
  public static ImageSet fromFloats(int size, float[] values) {
    Builder builder = new Builder(size);
    int per = CHANNELS * size * size;
    if (values.length % per != 0) {
      throw new IllegalArgumentException(values.length + " values are no whole images of " + per);
    }
    for (int i = 0; i < values.length / per; i++) {
      byte[] image = new byte[per];
      for (int j = 0; j < per; j++) {
        float clamped = Math.clamp(values[i * per + j], -1f, 1f);
        image[j] = (byte) Math.round((clamped + 1f) * 127.5f);
      }
      builder.add(ImageInfo.of("image%06d".formatted(i)), image);
    }
    return builder.build();
  }

  /** Collects images one by one. Not thread-safe. */
  public static final class Builder {
    private final int size;
    private final List<ImageInfo> infos = new ArrayList<>();
    private final List<byte[]> planes = new ArrayList<>();

    public Builder(int size) {
      if (size < 1 || size > MAX_SIZE) {
        throw new IllegalArgumentException("image size " + size + " not in 1.." + MAX_SIZE);
      }
      this.size = size;
    }

    /** Adds one image of {@code [3, size, size]} bytes, which are copied. */
    public Builder add(ImageInfo info, byte[] image) {
      if (image.length != CHANNELS * size * size) {
        throw new IllegalArgumentException(
            "image " + info.key() + " has " + image.length + " values, not 3·" + size + "·" + size);
      }
      infos.add(info);
      planes.add(image.clone());
      return this;
    }

    public int count() {
      return planes.size();
    }

    public ImageSet build() {
      return new ImageSet(size, infos, planes);
    }
  }
}
