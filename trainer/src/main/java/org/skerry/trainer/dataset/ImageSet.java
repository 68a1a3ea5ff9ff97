package org.skerry.trainer.dataset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Square samples in memory, channel by channel: as a whole {@code [n, channels, size, size]}.
 * Either RGB images, one unsigned byte a value, or latents, one float a value. Immutable once
 * built.
 *
 * <p>A network sees {@code x0 = byte / 127.5 - 1}, in [-1, 1], and latents as they are.
 */
public final class ImageSet {
  /** Channels of an image. */
  public static final int CHANNELS = 3;

  /** Largest side in pixels. */
  public static final int MAX_SIZE = 1024;

  private final SampleFormat format;
  private final List<ImageInfo> infos;
  private final List<SampleValues> values;

  private ImageSet(SampleFormat format, List<ImageInfo> infos, List<SampleValues> values) {
    this.format = format;
    this.infos = List.copyOf(infos);
    this.values = List.copyOf(values);
  }

  public SampleFormat format() {
    return format;
  }

  /** Width and height in pixels or latent cells. */
  public int size() {
    return format.size();
  }

  /** Number of images. */
  public int count() {
    return values.size();
  }

  /** Values of one image: {@code channels · size · size}. */
  public int valuesPerImage() {
    return format.values();
  }

  public ImageInfo info(int index) {
    return infos.get(index);
  }

  public List<ImageInfo> infos() {
    return infos;
  }

  /**
   * A copy of one image's bytes, {@code [3, size, size]}.
   *
   * @throws IllegalStateException when the samples are latents
   */
  public byte[] planes(int index) {
    return pixels(index).clone();
  }

  /**
   * One value, 0..255.
   *
   * @throws IllegalStateException when the samples are latents
   */
  public int valueAt(int index, int channel, int y, int x) {
    return pixels(index)[(channel * size() + y) * size() + x] & 0xff;
  }

  private byte[] pixels(int index) {
    return switch (values.get(index)) {
      case SampleValues.Pixels(byte[] planes) -> planes;
      case SampleValues.Latent _ ->
          throw new IllegalStateException("these are " + format + ", no pixels");
    };
  }

  /** Writes sample {@code index} as a network sees it to {@code target} from {@code offset} on. */
  public void copyTo(int index, float[] target, int offset) {
    values.get(index).copyTo(target, offset);
  }

  /** The samples at {@code indices} as a network sees them, {@code [indices, channels, …]}. */
  public float[] toFloats(int... indices) {
    float[] result = new float[Math.multiplyExact(indices.length, valuesPerImage())];
    for (int i = 0; i < indices.length; i++) {
      copyTo(indices[i], result, i * valuesPerImage());
    }
    return result;
  }

  /** All samples as a network sees them. */
  public float[] toFloats() {
    return toFloats(IntStream.range(0, count()).toArray());
  }

  /** A view-like set with the images at {@code indices}, in that order; values are shared. */
  public ImageSet select(int... indices) {
    return new ImageSet(
        format,
        Arrays.stream(indices).mapToObj(infos::get).toList(),
        Arrays.stream(indices).mapToObj(values::get).toList());
  }

  /** The images mirrored left and right, under the same names. */
  public ImageSet mirrored() {
    Builder builder = new Builder(format);
    int size = size();
    for (int i = 0; i < count(); i++) {
      byte[] image = pixels(i);
      byte[] turned = new byte[image.length];
      for (int row = 0; row < image.length; row += size) {
        for (int x = 0; x < size; x++) {
          turned[row + x] = image[row + size - 1 - x];
        }
      }
      builder.add(infos.get(i), turned);
    }
    return builder.build();
  }

  /** The same samples, of which something else is known. */
  public ImageSet withInfos(List<ImageInfo> others) {
    if (others.size() != count()) {
      throw new IllegalArgumentException(others.size() + " infos of " + count() + " samples");
    }
    return new ImageSet(format, others, values);
  }

  /** The images of all {@code sets}, which must agree in format, one set after the other. */
  public static ImageSet concat(List<ImageSet> sets) {
    if (sets.isEmpty()) {
      throw new IllegalArgumentException("no image set to join");
    }
    SampleFormat format = sets.getFirst().format;
    List<ImageInfo> infos = new ArrayList<>();
    List<SampleValues> values = new ArrayList<>();
    for (ImageSet set : sets) {
      if (!set.format.equals(format)) {
        throw new IllegalArgumentException("samples differ: " + format + " and " + set.format);
      }
      infos.addAll(set.infos);
      values.addAll(set.values);
    }
    return new ImageSet(format, infos, values);
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

  /** Collects samples one by one. Not thread-safe. */
  public static final class Builder {
    private final SampleFormat format;
    private final List<ImageInfo> infos = new ArrayList<>();
    private final List<SampleValues> values = new ArrayList<>();

    /** Collects images of {@code size} pixels a side. */
    public Builder(int size) {
      this(SampleFormat.pixels(size));
    }

    public Builder(SampleFormat format) {
      this.format = format;
    }

    /** Adds one image of {@code [3, size, size]} bytes, which are copied. */
    public Builder add(ImageInfo info, byte[] image) {
      require(info, SampleFormat.Kind.PIXELS, image.length);
      infos.add(info);
      values.add(new SampleValues.Pixels(image.clone()));
      return this;
    }

    /** Adds one latent of {@code [channels, size, size]} finite floats, which are copied. */
    public Builder add(ImageInfo info, float[] latent) {
      require(info, SampleFormat.Kind.LATENTS, latent.length);
      infos.add(info);
      values.add(new SampleValues.Latent(latent.clone()));
      return this;
    }

    private void require(ImageInfo info, SampleFormat.Kind kind, int length) {
      if (kind != format.kind() || length != format.values()) {
        throw new IllegalArgumentException(
            "%s has %d values of %s, not %s".formatted(info.key(), length, kind, format));
      }
    }

    /** Adds what a decoder of this format made. */
    Builder add(ImageInfo info, SampleValues sample) {
      return switch (sample) {
        case SampleValues.Pixels(byte[] planes) -> add(info, planes);
        case SampleValues.Latent(float[] cells) -> add(info, cells);
      };
    }

    public int count() {
      return values.size();
    }

    public ImageSet build() {
      return new ImageSet(format, infos, values);
    }
  }
}
