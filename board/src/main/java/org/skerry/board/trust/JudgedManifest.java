package org.skerry.board.trust;

import java.util.Comparator;
import java.util.List;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.WeightManifest;

/**
 * A manifest, what the named evaluators say of it (each one's newest word), and what that comes to.
 */
public record JudgedManifest(
    SignedDocument<WeightManifest> manifest,
    List<SignedDocument<Attestation>> attestations,
    Judgement judgement) {

  /** Further steps first, then the later one. */
  static final Comparator<JudgedManifest> NEWEST_LAST =
      Comparator.comparingLong((JudgedManifest judged) -> judged.manifest().document().step())
          .thenComparingLong(judged -> judged.manifest().document().issuedAtMs())
          .thenComparing(judged -> judged.manifest().id().toString());

  /** The lowest secret loss last; of equal ones the newest. */
  static final Comparator<JudgedManifest> BEST_LAST =
      Comparator.comparingDouble(JudgedManifest::secretLoss).reversed().thenComparing(NEWEST_LAST);

  public JudgedManifest {
    attestations = List.copyOf(attestations);
  }

  public boolean isAccepted() {
    return judgement instanceof Judgement.Accepted;
  }

  private double secretLoss() {
    return judgement instanceof Judgement.Accepted accepted
        ? accepted.secretLoss()
        : Double.POSITIVE_INFINITY;
  }
}
