package org.skerry.board.document;

/** Architectures of a latent codec. */
public enum CodecFamily implements WireName {
  /** The convolutional autoencoder of latent diffusion. */
  AUTOENCODER_KL
}
