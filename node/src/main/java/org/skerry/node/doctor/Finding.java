package org.skerry.node.doctor;

import java.util.List;
import org.skerry.node.NodeException;

/**
 * What a check found.
 *
 * @param check what was looked at, in a word or two
 * @param what was found
 * @param remedy what to do about it, a line each; empty when all is well
 */
public record Finding(Level level, String check, String what, List<String> remedy) {
  /** How bad it is. */
  public enum Level {
    OK,
    /** It works, but not as well as it could, or as its owner may think. */
    WARNING,
    /** The node does not run, or does no work. */
    PROBLEM
  }

  public Finding {
    remedy = List.copyOf(remedy);
    if (remedy.isEmpty() != (level == Level.OK)) {
      throw new IllegalArgumentException(level + " with remedy " + remedy);
    }
  }

  /** What else a command would have ended with. */
  static Finding of(String check, NodeException failure) {
    return problem(check, failure.what(), failure.remedy().split("\\R"));
  }

  static Finding ok(String check, String what) {
    return new Finding(Level.OK, check, what, List.of());
  }

  static Finding warning(String check, String what, String... remedy) {
    return new Finding(Level.WARNING, check, what, List.of(remedy));
  }

  static Finding problem(String check, String what, String... remedy) {
    return new Finding(Level.PROBLEM, check, what, List.of(remedy));
  }
}
