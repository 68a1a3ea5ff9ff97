package org.skerry.trainer.worker.job;

/**
 * Result of {@link TrainJob}.
 *
 * @param finished false when the job was stopped
 * @param step steps made
 * @param loss smoothed training loss
 * @param weights EMA weights of the last checkpoint
 * @param resume raw weights and optimizer state of the last checkpoint
 */
public record TrainResult(
    boolean finished, long step, double loss, String weights, String resume) {}
