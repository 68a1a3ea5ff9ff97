package org.skerry.trainer.worker.job;

/**
 * Result of {@link FeaturesJob}.
 *
 * @param model width and depth of the model, as in {@code dinov2-384x12}
 * @param images rows of the matrix
 */
public record FeaturesResult(String model, int images) {}
