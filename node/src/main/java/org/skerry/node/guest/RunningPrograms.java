package org.skerry.node.guest;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Programs beside which nothing is computed, by the name of their file. */
final class RunningPrograms implements Condition {
  private static final String WINDOWS_SUFFIX = ".exe";

  private final List<String> names;

  RunningPrograms(List<String> names) {
    this.names = names.stream().map(RunningPrograms::simple).toList();
  }

  @Override
  public String name() {
    return "limits.pause-beside";
  }

  @Override
  public String wish() {
    return String.join(", ", names);
  }

  @Override
  public Answer ask(Instant now) {
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      return all.flatMap(process -> process.info().command().stream())
          .map(command -> simple(String.valueOf(Path.of(command).getFileName())))
          .filter(names::contains)
          .findFirst()
          .map(name -> against(name + " is running"))
          .orElseGet(() -> Answer.holds("none of them is running"));
    }
  }

  private static String simple(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(WINDOWS_SUFFIX)
        ? lower.substring(0, lower.length() - WINDOWS_SUFFIX.length())
        : lower;
  }
}
