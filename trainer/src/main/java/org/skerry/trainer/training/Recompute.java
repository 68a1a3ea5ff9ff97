package org.skerry.trainer.training;

/**
 * Whether blocks are computed again for their gradient instead of kept (gradient checkpointing):
 * the choice of whoever trains, for the weights come out the same.
 */
public enum Recompute {
  /** When memory does not suffice for a single image otherwise. */
  AUTO,
  ON,
  OFF
}
