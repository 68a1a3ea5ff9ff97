package org.skerry.trainer.dataset;

/**
 * What a sample is: {@code [channels, size, size]} values.
 *
 * @param kind bytes of an image, or floats that a codec made of one
 * @param channels 3 for pixels
 * @param size height and width in pixels or latent cells
 */
public record SampleFormat(Kind kind, int channels, int size) {
  /** Most channels of a latent. */
  public static final int MAX_CHANNELS = 64;

  /** What the values are. */
  public enum Kind {
    /** Red, green and blue, one unsigned byte each; a network sees {@code byte / 127.5 - 1}. */
    PIXELS,
    /** Finite floats, seen by a network as they are. */
    LATENTS
  }

  public SampleFormat {
    if (size < 1 || size > ImageSet.MAX_SIZE) {
      throw new IllegalArgumentException("sample size " + size + " not in 1.." + ImageSet.MAX_SIZE);
    }
    if (channels < 1 || channels > MAX_CHANNELS) {
      throw new IllegalArgumentException("channels " + channels + " not in 1.." + MAX_CHANNELS);
    }
    if (kind == Kind.PIXELS && channels != ImageSet.CHANNELS) {
      throw new IllegalArgumentException("pixels have 3 channels, not " + channels);
    }
  }

  /** Square RGB images. */
  public static SampleFormat pixels(int size) {
    return new SampleFormat(Kind.PIXELS, ImageSet.CHANNELS, size);
  }

  public static SampleFormat latents(int channels, int size) {
    return new SampleFormat(Kind.LATENTS, channels, size);
  }

  /** Values of one sample. */
  public int values() {
    return channels * size * size;
  }

  /** Bytes that one sample takes in memory. */
  public int sizeBytes() {
    return switch (kind) {
      case PIXELS -> values();
      case LATENTS -> values() * Float.BYTES;
    };
  }

  @Override
  public String toString() {
    return switch (kind) {
      case PIXELS -> "pixels of " + size + "×" + size;
      case LATENTS -> "latents of " + channels + "×" + size + "×" + size;
    };
  }
}
