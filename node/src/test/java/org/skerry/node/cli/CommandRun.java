package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** One command, run in this process on a home of the test's own, and what it said. */
public record CommandRun(int status, String out, String err) {
  public static CommandRun of(Path home, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Map<String, String> environment = Map.of("SKERRY_HOME", home.toString());
    Terminal terminal =
        new Terminal(new PrintWriter(out), new PrintWriter(err), false, environment);
    int status = Main.run(terminal, environment, arguments);
    return new CommandRun(status, out.toString(), err.toString());
  }

  /** The one line that says what is wrong and what to do. */
  public String error() {
    List<String> errors = err.lines().filter(line -> line.startsWith("error: ")).toList();
    assertThat(errors).as(err).hasSize(1);
    assertThat(err).doesNotContain("\tat ").doesNotContain("Exception");
    return errors.getFirst();
  }
}
