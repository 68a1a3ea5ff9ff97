package org.skerry.trainer.worker.job;

/**
 * Result of {@link EncodeJob}: the shape of every latent.
 *
 * @param channels of the latents
 * @param size their side in cells
 * @param images how many were encoded
 */
public record EncodeResult(int channels, int size, int images) {}
