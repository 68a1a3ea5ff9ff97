package org.skerry.node.task;

import org.skerry.board.document.ModelFamily;
import org.skerry.board.document.ModelSpec;
import org.skerry.diffusion.DitConfig;
import org.skerry.diffusion.DitConvention;
import org.skerry.diffusion.DitSize;

/** Transformers of the published sizes, for the images or latents of a task. */
final class Transformers {
  /** Patches on a side that tell partitions apart well enough. */
  private static final int ROUTER_PATCHES = 4;

  private Transformers() {}

  /**
   * An expert.
   *
   * @param name as the papers write it, such as {@code DiT-XL/2} or {@code SiT-B/4}
   * @throws IllegalArgumentException when there is no such size, or its patches do not fit
   */
  static ModelSpec expert(String name, int imageSize, int channels, int classes) {
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
   * an expert's compute; without classes.
   */
  static ModelSpec router(ModelSpec expert) {
    DitSize size = expert.hidden() >= DitSize.L.hidden() ? DitSize.B : DitSize.S;
    // There is no size below S.
    int part = expert.hidden() >= DitSize.B.hidden() ? 1 : 2;
    int patch = 2 * expert.patch();
    boolean enough =
        expert.imageSize() % patch == 0 && expert.imageSize() / patch >= ROUTER_PATCHES;
    return new ModelSpec(
        expert.family(),
        expert.imageSize(),
        expert.channels(),
        size.hidden() / part,
        size.depth() / part,
        size.heads() / part,
        enough ? patch : expert.patch(),
        0);
  }
}
