package org.skerry.trainer.dataset;

/** Why an image was left out of a dataset. */
public enum BadImage {
  /** The bytes are no JPEG or PNG (or no latent), or the decoder gave up on them. */
  UNDECODABLE,
  /** The encoded image is larger than the limit. */
  TOO_MANY_BYTES,
  /** The header promises more pixels, a longer side or a thinner strip than the limits allow. */
  ABSURD_DIMENSIONS,
  /** The size differs from the one that a shard of the task must have, or a latent's shape. */
  WRONG_SIZE,
  /** A latent has values that are NaN or infinite. */
  NOT_FINITE,
  /** The sample has labels but no image. */
  NO_IMAGE
}
