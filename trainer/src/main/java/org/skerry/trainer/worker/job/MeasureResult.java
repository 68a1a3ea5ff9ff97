package org.skerry.trainer.worker.job;

/**
 * Result of {@link MeasureJob}.
 *
 * @param samplesPerSecond images a second in training
 * @param stepsPerSecond batches a second in training
 * @param peakBytes the most memory that the worker had, a checkpoint's copy included; 0 when the
 *     platform does not tell
 */
public record MeasureResult(double samplesPerSecond, double stepsPerSecond, long peakBytes) {}
