package org.skerry.node.task;

import org.skerry.board.document.ModelFamily;
import org.skerry.board.document.ModelSpec;
import org.skerry.diffusion.DitConfig;
import org.skerry.diffusion.DitConvention;
import org.skerry.diffusion.DitSize;
import org.skerry.diffusion.ParisExpertConfig;

/** Transformers of the published sizes, for the images or latents of a task. */
final class Transformers {
  /** Patches on a side that tell partitions apart well enough. */
  private static final int ROUTER_PATCHES = 4;

  private Transformers() {}

  /**
   * An expert.
   *
   * @param name as the papers write it, such as {@code DiT-XL/2}, {@code SiT-B/4} or {@code
   *     Paris-XL/2}, which reads texts
   * @param textWidth of the texts' tokens; 0 where there are none
   * @throws IllegalArgumentException when there is no such size, or its patches do not fit
   */
  static ModelSpec expert(String name, int imageSize, int channels, int classes, int textWidth) {
    if (DitSize.isReader(name)) {
      ParisExpertConfig size = DitSize.reader(name, channels, imageSize, textWidth);
      return new ModelSpec(
          ModelFamily.PARIS,
          imageSize,
          channels,
          size.hidden(),
          size.depth(),
          size.heads(),
          size.patch(),
          classes,
          false,
          textWidth);
    }
    DitConfig size = DitSize.published(name, imageSize);
    return new ModelSpec(
        size.convention() == DitConvention.DIT ? ModelFamily.DIT : ModelFamily.SIT,
        imageSize,
        channels,
        size.hidden(),
        size.depth(),
        size.heads(),
        size.patch(),
        classes);
  }

  /**
   * The router beside such experts: two sizes smaller, as a DiT-B routes between DiT-XLs in the
   * paper (arXiv 2501.05450), and with coarser patches where enough are left, for a few percent of
   * an expert's compute; without classes and texts.
   */
  static ModelSpec router(ModelSpec expert) {
    DitSize size = twoSmaller(expert.hidden());
    int patch = 2 * expert.patch();
    boolean enough =
        expert.imageSize() % patch == 0 && expert.imageSize() / patch >= ROUTER_PATCHES;
    return new ModelSpec(
        expert.family(),
        expert.imageSize(),
        expert.channels(),
        size.hidden(),
        size.depth(),
        size.heads(),
        enough ? patch : expert.patch(),
        0);
  }

  /** Of two sizes that are closer together, one smaller; the smallest stays. */
  private static DitSize twoSmaller(int hidden) {
    if (hidden >= DitSize.L.hidden()) {
      return DitSize.B;
    }
    if (hidden >= DitSize.B.hidden()) {
      return DitSize.S;
    }
    return hidden >= DitSize.S.hidden() ? DitSize.XS : DitSize.XXS;
  }
}
