package org.skerry.board.document;

/** What an evaluator did. */
public enum AttestationMethod implements WireName {
  /** Measured losses on fixed draws of time and noise. */
  LOSS,
  /** Trained a segment again and compared; reserved. */
  REPLAY
}
