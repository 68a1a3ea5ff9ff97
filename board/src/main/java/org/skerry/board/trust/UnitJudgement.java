package org.skerry.board.trust;

import java.util.List;
import java.util.Optional;

/**
 * The manifests of one unit.
 *
 * @param manifests from the fewest steps to the most
 */
public record UnitJudgement(List<JudgedManifest> manifests) {
  public UnitJudgement {
    manifests = List.copyOf(manifests);
  }

  /** What a consumer pulls: the accepted manifest with the lowest secret loss. */
  public Optional<JudgedManifest> best() {
    return manifests.stream().filter(JudgedManifest::isAccepted).max(JudgedManifest.BEST_LAST);
  }

  /** What a trainer resumes from: the accepted manifest with the most steps. */
  public Optional<JudgedManifest> newestAccepted() {
    return manifests.stream().filter(JudgedManifest::isAccepted).max(JudgedManifest.NEWEST_LAST);
  }

  /** Whether an accepted manifest says that its author has finished the recipe. */
  public boolean isFinished() {
    return manifests.stream()
        .anyMatch(judged -> judged.isAccepted() && judged.manifest().document().last());
  }
}
