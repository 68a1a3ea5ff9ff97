package org.skerry.node.config;

import java.util.Collection;
import java.util.Optional;

/** The word somebody probably meant. */
final class Nearest {
  private static final int MAX_EDITS = 3;

  private Nearest() {}

  /** The candidate within three edits of {@code word} that is closest to it. */
  static Optional<String> to(String word, Collection<String> candidates) {
    String best = "";
    int fewest = MAX_EDITS + 1;
    for (String candidate : candidates) {
      int edits = edits(word, candidate);
      if (edits < fewest) {
        fewest = edits;
        best = candidate;
      }
    }
    return fewest <= MAX_EDITS ? Optional.of(best) : Optional.empty();
  }

  /** Levenshtein's distance, row by row. */
  private static int edits(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replace, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
