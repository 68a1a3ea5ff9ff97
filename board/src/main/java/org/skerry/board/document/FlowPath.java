package org.skerry.board.document;

/** The path between data and noise. */
public enum FlowPath implements WireName {
  /** Straight: {@code x_t = (1 - t) x_0 + t noise}; the target is {@code noise - x_0}. */
  RECTIFIED_FLOW
}
