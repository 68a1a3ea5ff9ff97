package org.skerry.board.trust;

import java.util.Optional;
import org.skerry.board.Refusal;
import org.skerry.board.document.AcceptancePolicy;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.Measurements;
import org.skerry.board.document.Verdict;

/**
 * The rule by which numbers become a verdict. Evaluators sign what it says, and readers hold them
 * to it: an attestation whose verdict is not the one of its own numbers counts for nothing.
 *
 * <p>With {@code L} the secret loss of the averaged weights, margin {@code m} and tolerance {@code
 * e}: accepted when both losses are finite, {@code L < (1 - m) · gaussian}, {@code L < (1 - m) ·
 * initial}, {@code L <= (1 + e) · best accepted before} where there is one, and it is no copy.
 */
public final class Evaluation {
  private Evaluation() {}

  /** What is wrong with the measured weights, if anything. */
  public static Optional<Refusal> fault(AcceptancePolicy policy, Measurements measured) {
    double loss = measured.emaSecretLoss();
    double share = 1 - policy.margin();
    // Written so that a NaN on either side is a fault.
    if (!Double.isFinite(loss) || !Double.isFinite(measured.emaPublicLoss())) {
      return Optional.of(Refusal.NOT_FINITE);
    }
    if (measured.copyOf().isPresent()) {
      return Optional.of(Refusal.COPY);
    }
    if (!(loss < share * measured.gaussianLoss())) {
      return Optional.of(Refusal.WORSE_THAN_GAUSSIAN);
    }
    if (!(loss < share * measured.initialLoss())) {
      return Optional.of(Refusal.WORSE_THAN_INITIAL);
    }
    if (loss > (1 + policy.epsilon()) * measured.bestAcceptedLoss()) {
      return Optional.of(Refusal.WORSE_THAN_BEST);
    }
    return Optional.empty();
  }

  /** The verdict an evaluator signs for these numbers. */
  public static Verdict verdict(AcceptancePolicy policy, Measurements measured) {
    return fault(policy, measured).isPresent() ? Verdict.REFUSED : Verdict.ACCEPTED;
  }

  /** Whether raw weights and optimizer state are fit to be resumed from. */
  public static boolean isResumable(Measurements measured) {
    return measured.resumeStateFinite()
        && Double.isFinite(measured.rawPublicLoss())
        && measured.rawSecretLoss() < measured.gaussianLoss()
        && measured.rawSecretLoss() < measured.initialLoss();
  }

  /** Why an attestation counts for nothing, if so. */
  public static Optional<Refusal> refusal(AcceptancePolicy policy, Attestation attestation) {
    if (!policy.evaluators().contains(attestation.evaluator())) {
      return Optional.of(Refusal.NOT_AN_EVALUATOR);
    }
    return verdict(policy, attestation.measured()) == attestation.verdict()
        ? Optional.empty()
        : Optional.of(Refusal.CONTRADICTORY);
  }
}
