package org.skerry.board.document;

import org.skerry.board.dagcbor.Value;

/**
 * What is changed at random about a sample each time it is trained on. A recipe without it trains
 * on samples as they are, so one that changes nothing is not written.
 *
 * @param flip mirrors left and right, half of the time
 * @param padding shifts by up to this many pixels in each direction
 * @param smallestCrop side of the smallest square that is cut out and enlarged, as a share; 1 for
 *     no cropping
 */
public record Augmentation(boolean flip, int padding, double smallestCrop) {
  private static final double SMALLEST_CROP = 1.0 / 64;
  private static final double BELOW_ONE = Math.nextDown(1.0);

  public Augmentation {
    Bounds.range("padding", padding, 0, 4096);
    smallestCrop = Bounds.real("smallestCrop", smallestCrop, SMALLEST_CROP, 1);
    if (!flip && padding == 0) {
      Bounds.real("smallestCrop of an augmentation", smallestCrop, SMALLEST_CROP, BELOW_ONE);
    }
  }

  Value toValue() {
    return new FieldWriter()
        .bool("flip", flip)
        .integer("padding", padding)
        .real("smallestCrop", smallestCrop)
        .end();
  }

  static Augmentation fromValue(Value value) {
    FieldReader in = FieldReader.of("augmentation", value);
    Augmentation augmentation =
        new Augmentation(in.bool("flip"), in.smallInteger("padding"), in.real("smallestCrop"));
    in.end();
    return augmentation;
  }
}
