package org.skerry.board.document;

import org.skerry.board.dagcbor.Value;

/**
 * The shape of a network. What it puts out is not said here: an expert predicts {@code channels},
 * the router one logit per partition.
 *
 * @param imageSize pixels (or latents) on a side
 * @param channels of the input
 * @param hidden U-Net: width of the first level; DiT and SiT: width of a token
 * @param depth U-Net: number of resolution levels; DiT and SiT: number of blocks
 * @param heads attention heads; 0 for a U-Net
 * @param patch pixels on a side of a token; 0 for a U-Net
 * @param classes number of conditioning classes; 0 for an unconditional model
 * @param learnSigma whether an expert's last layer also puts out a variance, as the published DiT
 *     and SiT do; false for a U-Net
 */
public record ModelSpec(
    ModelFamily family,
    int imageSize,
    int channels,
    int hidden,
    int depth,
    int heads,
    int patch,
    int classes,
    boolean learnSigma) {
  private static final String WHAT = "model";

  public ModelSpec {
    Bounds.range("imageSize", imageSize, 4, 4096);
    Bounds.range("channels", channels, 1, 64);
    Bounds.range("hidden", hidden, 1, 16_384);
    Bounds.range("depth", depth, 1, 128);
    Bounds.range("classes", classes, 0, 65_536);
    switch (family) {
      case UNET -> {
        Bounds.range("heads of a U-Net", heads, 0, 0);
        Bounds.range("patch of a U-Net", patch, 0, 0);
        Bounds.range("depth of a U-Net", depth, 1, 8);
        if (learnSigma) {
          throw Bounds.outOfBounds("a U-Net cannot learn sigma");
        }
        requireDivides("2^(depth - 1)", 1 << (depth - 1), "imageSize", imageSize);
      }
      case DIT, SIT -> {
        Bounds.range("heads", heads, 1, 256);
        Bounds.range("patch", patch, 1, 64);
        requireDivides("heads", heads, "hidden", hidden);
        requireDivides("patch", patch, "imageSize", imageSize);
      }
    }
  }

  /** A model that puts out no variance. */
  public ModelSpec(
      ModelFamily family,
      int imageSize,
      int channels,
      int hidden,
      int depth,
      int heads,
      int patch,
      int classes) {
    this(family, imageSize, channels, hidden, depth, heads, patch, classes, false);
  }

  /** This model in another width. */
  public ModelSpec withHidden(int width) {
    return new ModelSpec(
        family, imageSize, channels, width, depth, heads, patch, classes, learnSigma);
  }

  private static void requireDivides(String name, int divisor, String whole, int value) {
    if (value % divisor != 0) {
      throw Bounds.outOfBounds(
          name + " = " + divisor + " does not divide " + whole + " = " + value);
    }
  }

  Value toValue() {
    return new FieldWriter()
        .named("family", family)
        .integer("imageSize", imageSize)
        .integer("channels", channels)
        .integer("hidden", hidden)
        .integer("depth", depth)
        .integer("heads", heads)
        .integer("patch", patch)
        .integer("classes", classes)
        .flag("learnSigma", learnSigma)
        .end();
  }

  static ModelSpec fromValue(Value value) {
    FieldReader in = FieldReader.of(WHAT, value);
    ModelSpec spec =
        new ModelSpec(
            in.named("family", ModelFamily.class),
            in.smallInteger("imageSize"),
            in.smallInteger("channels"),
            in.smallInteger("hidden"),
            in.smallInteger("depth"),
            in.smallInteger("heads"),
            in.smallInteger("patch"),
            in.smallInteger("classes"),
            in.flag("learnSigma"));
    in.end();
    return spec;
  }
}
