package org.skerry.diffusion;

/**
 * Whose time and output a {@link Dit} follows. Names and arithmetic of the layers are the same in
 * both; weights trained in one convention mean nothing in the other.
 */
public enum DitConvention {
  /**
   * facebookresearch/DiT (arXiv 2212.09748): steps run from 0 (data) to 1000 (noise), so time here
   * is embedded as {@code 1000 t}.
   */
  DIT,
  /**
   * willisma/SiT (arXiv 2401.08740): time runs from 0 at <em>noise</em> to 1 at <em>data</em>, is
   * embedded as it is, and the velocity points from noise to data. So {@code v(x, t) = -net(x, 1 -
   * t)}.
   */
  SIT
}
