package org.skerry.board.document;

import org.skerry.board.dagcbor.Value;

/**
 * The shape of a network. What it puts out is not said here: an expert predicts {@code channels},
 * the router one logit per partition.
 *
 * @param imageSize pixels (or latents) on a side
 * @param channels of the input
 * @param hidden U-Net: width of the first level; transformers: width of a token
 * @param depth U-Net: number of resolution levels; transformers: number of blocks
 * @param heads attention heads; 0 for a U-Net
 * @param patch pixels on a side of a token; 0 for a U-Net
 * @param classes number of conditioning classes; 0 for a model that is told none
 * @param learnSigma whether an expert's last layer also puts out a variance, as the published DiT
 *     and SiT do; false for others
 * @param textWidth width of the tokens of the texts that an expert of Paris looks at; 0 for its
 *     router and for others, which read none
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
    boolean learnSigma,
    int textWidth) {
  static final int MAX_WIDTH = 16_384;

  private static final String WHAT = "model";

  public ModelSpec {
    Bounds.range("imageSize", imageSize, 4, 4096);
    Bounds.range("channels", channels, 1, 64);
    Bounds.range("hidden", hidden, 1, MAX_WIDTH);
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
        Bounds.range("textWidth of a U-Net", textWidth, 0, 0);
      }
      case DIT, SIT -> {
        requireTokens(imageSize, hidden, heads, patch);
        Bounds.range("textWidth of a " + family.wireName(), textWidth, 0, 0);
      }
      case PARIS -> {
        requireTokens(imageSize, hidden, heads, patch);
        Bounds.range("classes of a Paris model", classes, 0, 0);
        Bounds.range("textWidth", textWidth, 0, MAX_WIDTH);
        if (learnSigma) {
          throw Bounds.outOfBounds("a Paris model cannot learn sigma");
        }
      }
    }
  }

  private static void requireTokens(int imageSize, int hidden, int heads, int patch) {
    Bounds.range("heads", heads, 1, 256);
    Bounds.range("patch", patch, 1, 64);
    requireDivides("heads", heads, "hidden", hidden);
    requireDivides("patch", patch, "imageSize", imageSize);
  }

  /** A model that reads no texts. */
  public ModelSpec(
      ModelFamily family,
      int imageSize,
      int channels,
      int hidden,
      int depth,
      int heads,
      int patch,
      int classes,
      boolean learnSigma) {
    this(family, imageSize, channels, hidden, depth, heads, patch, classes, learnSigma, 0);
  }

  /** A model that puts out no variance and reads no texts. */
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
        family, imageSize, channels, width, depth, heads, patch, classes, learnSigma, textWidth);
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
        .integerUnlessZero("textWidth", textWidth)
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
            in.flag("learnSigma"),
            in.smallIntegerOrZero("textWidth"));
    in.end();
    return spec;
  }
}
