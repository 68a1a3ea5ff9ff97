package org.skerry.node.cli;

import java.util.Map;
import picocli.CommandLine;

/** Where {@code skerry} starts. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    int status = run(Terminal.ofProcess(), System.getenv(), arguments);
    System.out.flush();
    System.exit(status);
  }

  /**
   * Runs one command.
   *
   * @return the exit code, as the top-level help lists them
   */
  static int run(Terminal terminal, Map<String, String> environment, String... arguments) {
    SkerryCommand top = new SkerryCommand(new Session(terminal, environment));
    CommandLine line = new CommandLine(top, new Session.Factory(top.session()));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(terminal.interactive());
    line.setUsageHelpLongOptionsMaxWidth(28);
    line.setColorScheme(
        CommandLine.Help.defaultColorScheme(
            terminal.colour() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
    line.setOut(terminal.out());
    line.setErr(terminal.err());
    line.setParameterExceptionHandler(new Failures(terminal)::usage);
    line.setExecutionExceptionHandler(new Failures(terminal)::execution);
    return line.execute(arguments);
  }
}
