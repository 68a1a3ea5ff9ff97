package org.skerry.trainer.dataset;

/**
 * What a dataset may cost to read, and how much of it may be unreadable. Checked before memory is
 * taken: an image's dimensions come from its header, an entry's size from the tar's.
 *
 * @param maxImageBytes largest encoded image or caption
 * @param maxSide largest width or height in pixels before resizing
 * @param maxPixels largest area in pixels before resizing
 * @param maxAspect largest ratio of the longer side to the shorter one
 * @param maxImages images after which the dataset is refused
 * @param maxBadShare share of images (0..1) that may be unreadable before the dataset is refused
 */
public record ReadLimits(
    int maxImageBytes,
    int maxSide,
    long maxPixels,
    int maxAspect,
    int maxImages,
    double maxBadShare) {
  /** Generous for photographs: 32 MiB, 16,384 a side, 40 megapixels, 10:1, 5 million, 10 % bad. */
  public static final ReadLimits DEFAULT =
      new ReadLimits(32 << 20, 16_384, 40_000_000L, 10, 5_000_000, 0.1);

  public ReadLimits {
    if (maxImageBytes < 1 || maxSide < 1 || maxPixels < 1 || maxAspect < 1 || maxImages < 1) {
      throw new IllegalArgumentException("limits must be positive");
    }
    if (!(maxBadShare >= 0 && maxBadShare <= 1)) {
      throw new IllegalArgumentException("maxBadShare " + maxBadShare + " not in 0..1");
    }
  }

  /** Whether an image of these sides may be decoded. */
  boolean plausible(int width, int height) {
    long longer = Math.max(width, height);
    long shorter = Math.min(width, height);
    return shorter >= 1
        && longer <= maxSide
        && (long) width * height <= maxPixels
        && longer <= shorter * maxAspect;
  }
}
