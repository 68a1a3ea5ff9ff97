package org.skerry.board.document;

/** The architectures a task can name. */
public enum ModelFamily implements WireName {
  /** Convolutional U-Net with time-modulated residual blocks. */
  UNET,
  /** Diffusion transformer, with the time of facebookresearch/DiT. */
  DIT,
  /** The same transformer with the time of willisma/SiT, which runs from noise to data. */
  SIT,
  /** The transformers of Paris: experts that look at a text, and a router that does not. */
  PARIS
}
