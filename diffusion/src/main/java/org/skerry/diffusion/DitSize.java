package org.skerry.diffusion;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The published sizes of DiT (Peebles and Xie, arXiv 2212.09748, table 1), which SiT (Ma et al.,
 * arXiv 2401.08740) and Paris (arXiv 2510.03434) share. Each was published with patches of 2, 4 and
 * 8. The first two are this project's own, for processors.
 */
public enum DitSize {
  XXS(96, 4, 3),
  XS(192, 6, 3),
  S(384, 12, 6),
  B(768, 12, 12),
  L(1024, 24, 16),
  XL(1152, 28, 16);

  private static final List<Integer> PATCHES = List.of(2, 4, 8);
  private static final Pattern NAME = Pattern.compile("(DiT|SiT)-(S|B|L|XL)/([248])");
  private static final Pattern READER = Pattern.compile("Paris-(XXS|XS|S|B|L|XL)/([248])");

  private final int hidden;
  private final int depth;
  private final int heads;

  DitSize(int hidden, int depth, int heads) {
    this.hidden = hidden;
    this.depth = depth;
    this.heads = heads;
  }

  /** Width of the tokens. */
  public int hidden() {
    return hidden;
  }

  /** Blocks. */
  public int depth() {
    return depth;
  }

  /** Heads of the attention. */
  public int heads() {
    return heads;
  }

  /** A network of this size for other images, latents or labels than the published ones. */
  public DitConfig config(
      DitConvention convention,
      int patch,
      int channels,
      int imageSize,
      int labels,
      boolean learnSigma) {
    return new DitConfig(
        channels,
        imageSize,
        patch,
        hidden,
        depth,
        heads,
        4 * hidden,
        labels,
        learnSigma,
        convention);
  }

  /**
   * The network of a published checkpoint: ImageNet's 1,000 classes, latents of four channels,
   * sigma learned.
   *
   * @param name as the papers write it, such as {@code DiT-XL/2} or {@code SiT-B/4}
   * @param imageSize side of the latent: 32 for pictures of 256 pixels, 64 for 512
   * @throws IllegalArgumentException when nothing of that name was published
   */
  public static DitConfig published(String name, int imageSize) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + name + "' was not published: choose one of " + publishedNames());
    }
    DitConvention convention =
        matcher.group(1).equals("DiT") ? DitConvention.DIT : DitConvention.SIT;
    int patch = Integer.parseInt(matcher.group(3));
    return valueOf(matcher.group(2)).config(convention, patch, 4, imageSize, 1000, true);
  }

  /** Whether a name is one of {@link #reader}. */
  public static boolean isReader(String name) {
    return READER.matcher(name).matches();
  }

  /** Whether a name is of one of this project's own sizes. */
  public static boolean isSmall(String name) {
    Matcher matcher = READER.matcher(name);
    return matcher.matches() && EnumSet.range(XXS, XS).contains(valueOf(matcher.group(1)));
  }

  /**
   * A network that reads texts.
   *
   * @param name such as {@code Paris-XL/2}, the published experts, or {@code Paris-XXS/2}
   * @param textWidth of the text encoder's tokens
   * @throws IllegalArgumentException when there is no such size
   */
  public static ParisExpertConfig reader(String name, int channels, int imageSize, int textWidth) {
    Matcher matcher = READER.matcher(name);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + name + "' is no model that reads: choose one of " + readerNames());
    }
    DitSize size = valueOf(matcher.group(1));
    int patch = Integer.parseInt(matcher.group(2));
    return new ParisExpertConfig(
        channels,
        imageSize,
        patch,
        size.hidden,
        size.depth,
        size.heads,
        4 * size.hidden,
        textWidth);
  }

  /** Every name that {@link #reader} takes. */
  public static List<String> readerNames() {
    var names = new ArrayList<String>();
    for (DitSize size : values()) {
      PATCHES.forEach(patch -> names.add("Paris-" + size + "/" + patch));
    }
    return names;
  }

  /** Every name that {@link #published} takes. */
  public static List<String> publishedNames() {
    var names = new ArrayList<String>();
    for (String family : List.of("DiT", "SiT")) {
      for (DitSize size : EnumSet.range(S, XL)) {
        PATCHES.forEach(patch -> names.add(family + "-" + size + "/" + patch));
      }
    }
    return names;
  }
}
