package org.skerry.trainer.dataset;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.SplittableRandom;

/** The built-in dataset: pictures of {@link PictureFamily}s, a pure function of the seed. */
public final class BuiltInPictures {
  /** Drawn this many times larger and filtered down, so that edges are smooth. */
  private static final int OVERSAMPLING = 4;

  private BuiltInPictures() {}

  /**
   * Draws {@code count} pictures, the families in turn; captions and classes name the family.
   *
   * @param size side in pixels
   */
  public static ImageSet generate(int count, int size, long seed) {
    ImageSet.Builder images = new ImageSet.Builder(size);
    PictureFamily[] families = PictureFamily.values();
    SplittableRandom seeds = new SplittableRandom(seed);
    for (int i = 0; i < count; i++) {
      PictureFamily family = families[i % families.length];
      ImageInfo info =
          new ImageInfo("picture%06d".formatted(i), family.caption(), family.ordinal());
      images.add(info, draw(family, size, seeds.split()));
    }
    return images.build();
  }

  private static byte[] draw(PictureFamily family, int size, SplittableRandom random) {
    int side = size * OVERSAMPLING;
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      graphics.scale(side, side);
      family.draw(graphics, random);
    } finally {
      graphics.dispose();
    }
    return ImageDecoder.toPlanes(image, size);
  }
}
