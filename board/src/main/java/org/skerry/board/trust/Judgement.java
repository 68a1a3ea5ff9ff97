package org.skerry.board.trust;

import org.skerry.board.Refusal;

/** What the task's policy makes of a manifest. */
public sealed interface Judgement {

  /**
   * Not enough named evaluators have spoken.
   *
   * @param accepting how many accept it so far
   * @param required how many must
   */
  record Pending(int accepting, int required) implements Judgement {}

  /**
   * Good enough to be pulled.
   *
   * @param secretLoss median over the evaluators that accept it
   * @param resumable whether as many evaluators found the raw weights and the optimizer state good,
   *     so that another peer may go on from the resume blob
   */
  record Accepted(double secretLoss, boolean resumable) implements Judgement {}

  /** Not to be used, and why. */
  record Refused(Refusal reason) implements Judgement {}
}
