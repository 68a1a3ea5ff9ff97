package org.skerry.board.document;

/** The architectures a task can name. */
public enum ModelFamily implements WireName {
  /** Convolutional U-Net with time-modulated residual blocks. */
  UNET,
  /** Diffusion transformer. */
  DIT
}
