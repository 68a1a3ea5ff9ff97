package org.skerry.board.merge;

/** How many signatures may still be checked for whoever sent them. */
@FunctionalInterface
public interface VerificationBudget {
  /** Always enough. */
  VerificationBudget UNLIMITED = () -> true;

  /** Takes one check; false when there is none left now. */
  boolean takeOne();
}
