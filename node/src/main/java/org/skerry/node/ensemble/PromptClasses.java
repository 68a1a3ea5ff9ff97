package org.skerry.node.ensemble;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * Finds the class that a sentence speaks of: whole words in any case, with plurals, and hyphens and
 * underscores as spaces. A name with commas is a list of synonyms. When a sentence names several,
 * the one with the most words counts, and of those the first in the sentence.
 */
record PromptClasses(List<String> names) {
  PromptClasses {
    names = List.copyOf(names);
  }

  private record Match(int label, int words, int at) {
    boolean beats(Match other) {
      return words == other.words ? at < other.at : words > other.words;
    }
  }

  /** The number of the class; empty when the sentence names none. */
  OptionalInt in(String prompt) {
    List<String> sentence = words(prompt);
    List<Match> matches = new ArrayList<>();
    for (int label = 0; label < names.size(); label++) {
      for (String synonym : names.get(label).split(",")) {
        List<String> name = words(synonym);
        int at = place(name, sentence);
        if (at >= 0) {
          matches.add(new Match(label, name.size(), at));
        }
      }
    }
    return matches.stream()
        .reduce((a, b) -> b.beats(a) ? b : a)
        .map(match -> OptionalInt.of(match.label()))
        .orElse(OptionalInt.empty());
  }

  private static int place(List<String> name, List<String> sentence) {
    for (int at = 0; !name.isEmpty() && at + name.size() <= sentence.size(); at++) {
      int matched = 0;
      while (matched < name.size() && isSame(name.get(matched), sentence.get(at + matched))) {
        matched++;
      }
      if (matched == name.size()) {
        return at;
      }
    }
    return -1;
  }

  private static boolean isSame(String a, String b) {
    return a.equals(b) || isPlural(a, b) || isPlural(b, a);
  }

  private static boolean isPlural(String one, String many) {
    return many.equals(one + "s")
        || many.equals(one + "es")
        || (one.endsWith("y") && many.equals(one.substring(0, one.length() - 1) + "ies"));
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+"))
        .filter(word -> !word.isEmpty())
        .toList();
  }
}
