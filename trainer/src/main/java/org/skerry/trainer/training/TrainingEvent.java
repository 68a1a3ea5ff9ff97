package org.skerry.trainer.training;

import org.jspecify.annotations.Nullable;

/** What a loop tells while it runs. */
public sealed interface TrainingEvent {
  /**
   * The first thing told: where the run starts.
   *
   * @param step steps made before
   * @param images to train on
   * @param resumed whether a checkpoint of this folder was found
   */
  record Started(long step, long steps, int images, boolean resumed) implements TrainingEvent {}

  /**
   * @param step steps made
   * @param steps of the whole run
   * @param loss smoothed training loss
   * @param samplesPerSecond since the last of these events
   * @param learningRate of the last step
   * @param residentBytes memory of this process, 0 when the platform does not tell
   * @param dataWaitShare share (0..1) of the time since the last of these events that training
   *     waited for data
   * @param badSamples that could not be decoded so far, and for which others stood in
   */
  record Progress(
      long step,
      long steps,
      double loss,
      double samplesPerSecond,
      double learningRate,
      long residentBytes,
      double dataWaitShare,
      int badSamples)
      implements TrainingEvent {}

  /**
   * A checkpoint is on the disk.
   *
   * @param weights EMA weights
   * @param resume raw weights and optimizer state
   * @param costSeconds taken from training: the copy, and slower steps while it was written
   */
  record CheckpointWritten(
      long step, double loss, String weights, String resume, double costSeconds)
      implements TrainingEvent {}

  /**
   * Files to publish, which nobody changes or deletes but the one who is told.
   *
   * @param step steps made
   * @param samples images seen
   * @param trainingLoss smoothed
   * @param validationLoss of the EMA weights on held-out images; null without any
   * @param weights EMA weights
   * @param resume raw weights and optimizer state
   * @param last whether the recipe ends here
   */
  record Snapshot(
      long step,
      long samples,
      double trainingLoss,
      @Nullable Double validationLoss,
      String weights,
      String resume,
      boolean last)
      implements TrainingEvent {}

  /**
   * The run diverged and goes on from a checkpoint, with another order of its data.
   *
   * @param from the step that failed
   * @param step to which it went back
   * @param count how often in a row; {@link TrainingLoop#MOST_ROLLBACKS} at most
   * @param reason in words
   */
  record RolledBack(long from, long step, int count, String reason) implements TrainingEvent {}

  record Paused(long step) implements TrainingEvent {}

  record Resumed(long step) implements TrainingEvent {}
}
