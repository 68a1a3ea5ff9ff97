package org.skerry.node.cli;

import java.util.List;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.doctor.Doctor;
import org.skerry.node.doctor.Finding;
import org.skerry.node.doctor.Finding.Level;
import org.skerry.node.log.Logging;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Look for what keeps this computer from being a node, or from doing its best, and say what to"
          + " do about it. Changes nothing; the exit code is 1 when there is a problem."
    },
    footer = {"", "Example:", "  skerry doctor --json"})
final class DoctorCommand implements CliAction {
  private static final int CHECK_WIDTH = 14;

  private final Session session;

  @Mixin JsonOption output = new JsonOption();

  DoctorCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws NodeException, InterruptedException {
    Logging.silence();
    Doctor doctor = new Doctor(session.home(), session.environment());
    List<Finding> findings = doctor.examine(output.json ? finding -> {} : this::print);
    if (output.json) {
      session.terminal().json(findings);
    }
    long problems = findings.stream().filter(f -> f.level() == Level.PROBLEM).count();
    if (problems > 0) {
      throw new NodeException(
          Reason.FAILED,
          problems == 1 ? "there is 1 problem" : "there are " + problems + " problems",
          "do what stands below each");
    }
    long warnings = findings.stream().filter(f -> f.level() == Level.WARNING).count();
    session
        .terminal()
        .say(
            warnings == 0
                ? "Everything is as it should be."
                : warnings == 1
                    ? "There is no problem; see the warning."
                    : "There is no problem; see the " + warnings + " warnings.");
  }

  private void print(Finding finding) {
    Terminal terminal = session.terminal();
    String level =
        switch (finding.level()) {
          case OK -> terminal.paint(Terminal.Colour.GREEN, "ok      ");
          case WARNING -> terminal.paint(Terminal.Colour.YELLOW, "warning ");
          case PROBLEM -> terminal.paint(Terminal.Colour.RED, "problem ");
        };
    String check = finding.check() + " ".repeat(CHECK_WIDTH - finding.check().length());
    terminal.print(level + " " + check + " " + finding.what());
    for (String line : finding.remedy()) {
      terminal.print(" ".repeat(9 + CHECK_WIDTH + 1) + "-> " + line);
    }
  }
}
