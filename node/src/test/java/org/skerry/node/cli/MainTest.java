package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Map<String, String> environment = new HashMap<>();

  private int skerry(String... arguments) {
    environment.putIfAbsent("SKERRY_HOME", folder.resolve("home").toString());
    Terminal terminal =
        new Terminal(new PrintWriter(out), new PrintWriter(err), false, environment);
    return Main.run(terminal, environment, arguments);
  }

  @Test
  void helpNamesEveryCommandAndExitCodeAndTouchesNoDisk() {
    assertThat(skerry("--help")).isZero();
    assertThat(out.toString())
        .contains("node", "peers", "keys", "config", "Exit codes:", "Examples:")
        .doesNotContain("\u001b[");
    assertThat(folder.resolve("home")).doesNotExist();
  }

  @Test
  void everyCommandHasHelpThatSaysWhatItDoes() {
    Session session =
        new Session(
            new Terminal(new PrintWriter(out), new PrintWriter(err), false, environment),
            environment);
    Deque<CommandLine> left = new ArrayDeque<>();
    left.add(new CommandLine(new SkerryCommand(session), new Session.Factory(session)));
    List<String> withoutHelp = new ArrayList<>();
    while (!left.isEmpty()) {
      CommandLine command = left.remove();
      left.addAll(command.getSubcommands().values());
      if (command.getCommandSpec().usageMessage().description().length == 0
          || !command.getCommandSpec().optionsMap().containsKey("--help")) {
        withoutHelp.add(command.getCommandSpec().qualifiedName());
      }
    }
    assertThat(withoutHelp).isEmpty();
  }

  @Test
  void unknownCommandIsOneLineWithASuggestion() {
    assertThat(skerry("nodes")).isEqualTo(2);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .isEqualTo("error: `skerry` knows no 'nodes'; did you mean 'node'?");
  }

  @Test
  void keyIsShownAsTextAndAsJson() {
    assertThat(skerry("keys", "show")).isZero();
    String peer = out.toString().strip();
    assertThat(peer).startsWith("12D3Koo");

    assertThat(skerry("keys", "show", "--json")).isZero();
    assertThat(out.toString()).contains("\"peer\" : \"" + peer + "\"");
  }

  @Test
  void corruptKeyIsOneLineOnTheTerminalAndAStackTraceInTheLog() throws Exception {
    Path home = Files.createDirectories(folder.resolve("home"));
    Files.writeString(home.resolve("identity.key"), "not a key");

    assertThat(skerry("keys", "show")).isEqualTo(3);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith("error: the identity key " + home.resolve("identity.key"))
        .contains("; restore it from a backup");
    assertThat(home.resolve("logs/cli.log")).content().contains("NodeException", "\tat org.skerry");
  }

  @Test
  void absentDaemonIsOneLineForEveryCommandThatNeedsOne() {
    for (String[] command :
        new String[][] {{"node", "status"}, {"node", "pause"}, {"peers"}, {"node", "stop"}}) {
      err.getBuffer().setLength(0);
      assertThat(skerry(command)).isEqualTo(4);
      assertThat(err.toString().lines())
          .singleElement()
          .asString()
          .contains("no skerry daemon runs on", "; start one with `skerry node run`");
    }
  }

  @Test
  void configValidateListsMistakesOnStandardOutput() throws Exception {
    Path home = Files.createDirectories(folder.resolve("home"));
    Files.writeString(home.resolve("config.toml"), "[volunteer]\nthreads = 0\nspeed = 1\n");

    assertThat(skerry("config", "validate")).isEqualTo(3);
    assertThat(out.toString().lines())
        .hasSize(2)
        .anyMatch(line -> line.contains("config.toml:2: volunteer.threads = 0"));
    assertThat(err.toString()).contains("there are 2 mistakes");
  }
}
