package org.skerry.node.task;

import org.skerry.board.document.Optimizer;
import org.skerry.board.document.TimeSampling;

/**
 * How weights move, of all that a recipe says.
 *
 * @param learningRate its highest value
 * @param beta2 of the second moments
 * @param warmUpSteps at most; a tenth of the steps when that is less
 * @param decayFraction share of the steps, at the end, over which the rate falls to zero
 * @param emaDecay of the averaged weights
 * @param times how times are drawn
 */
public record Training(
    Optimizer optimizer,
    double learningRate,
    double beta2,
    double weightDecay,
    int warmUpSteps,
    double decayFraction,
    double emaDecay,
    TimeSampling times) {
  /**
   * For pictures in minutes: of rates from 1e-3 to 7e-3 the one that left the smallest held-out
   * loss after 1,200 steps, and an average that follows quickly.
   */
  public static final Training SMALL =
      new Training(Optimizer.MUON, 4e-3, 0.99, 0, 30, 0.4, 0.99, TimeSampling.LOGIT_NORMAL);

  /** That of decentralized diffusion models' experts (arXiv 2501.05450): constant rate, AdamW. */
  public static final Training PAPER =
      new Training(Optimizer.ADAMW, 1e-4, 0.999, 0, 1_000, 0, 0.9999, TimeSampling.LOGIT_NORMAL);
}
