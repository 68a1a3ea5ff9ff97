package org.skerry.board.document;

/** What an evaluator's numbers come to under the task's policy. */
public enum Verdict implements WireName {
  /** Good enough to be pulled. */
  ACCEPTED,
  /** Not good enough. */
  REFUSED
}
