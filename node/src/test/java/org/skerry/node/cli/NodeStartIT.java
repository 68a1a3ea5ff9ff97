package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.node.home.SkerryHome;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The daemon in the background, by commands in processes of their own. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class NodeStartIT {
  @TempDir Path folder;

  private Path home() {
    return folder.resolve("home");
  }

  private int run(Path log, String... arguments) throws Exception {
    try (CommandProcess command = CommandProcess.start(home(), log, arguments)) {
      return command.status();
    }
  }

  @Test
  void outlivesTheCommandThatStartedItAndIsStoppedByAnother() throws Exception {
    new SkerryHome(home()).create();
    Files.writeString(
        home().resolve("config.toml"),
        "[network]\nlisten = [\"/ip4/127.0.0.1/tcp/0\"]\n[volunteer]\ntrain = false\n");
    Path log = folder.resolve("log");
    assertThat(run(log, "node", "start", "--", "--no-evaluate")).as(Files.readString(log)).isZero();
    assertThat(log).content().contains("The node runs in the background (process ");
    long pid = status().get("process").asLong();
    try {
      assertThat(ProcessHandle.of(pid)).isPresent();
      assertThat(run(log, "node", "start")).isZero();
      assertThat(log).content().contains("runs on " + home() + " already");
      assertThat(run(log, "node", "logs", "--lines", "3")).isZero();
      assertThat(Files.readAllLines(log)).hasSizeBetween(1, 3);
    } finally {
      assertThat(run(log, "node", "stop")).isZero();
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }
  }

  private JsonNode status() {
    return JsonMapper.shared().readTree(CommandRun.of(home(), "node", "status", "--json").out());
  }

  @Test
  void whatKeepsItFromStartingIsSaid() throws Exception {
    new SkerryHome(home()).create();
    Files.writeString(home().resolve("config.toml"), "[limits]\nduty = 0\n");
    Path log = folder.resolve("log");
    assertThat(run(log, "node", "start")).isEqualTo(1);
    assertThat(Files.readAllLines(log).getLast())
        .contains("the daemon ended at once, saying:", "config.toml:2: limits.duty = 0");
  }

  @Test
  void logsSayWhereThereAreNone() {
    CommandRun none = CommandRun.of(home(), "node", "logs");
    assertThat(none.status()).isEqualTo(6);
    assertThat(none.error()).contains("daemon.log yet", "skerry node start");
    assertThat(List.of(0, 100_001))
        .allSatisfy(lines ->
            assertThat(CommandRun.of(home(), "node", "logs", "-n", "" + lines).status())
                .isEqualTo(2));
  }
}
