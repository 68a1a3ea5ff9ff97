package org.skerry.board.merge;

import java.util.Optional;
import org.skerry.board.Refusal;

/** How many signatures may still be checked for whoever sent them. */
@FunctionalInterface
public interface VerificationBudget {
  /** Always enough. */
  VerificationBudget UNLIMITED = Optional::empty;

  /** Takes one check; says whose budget is used up when there is none left now. */
  Optional<Refusal> takeOne();
}
