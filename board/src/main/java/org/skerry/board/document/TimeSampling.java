package org.skerry.board.document;

/** How a training step draws its time from 0 (data) to 1 (noise). */
public enum TimeSampling implements WireName {
  /** Uniform in 0..1. */
  UNIFORM,
  /** The logistic function of a standard normal draw. */
  LOGIT_NORMAL
}
