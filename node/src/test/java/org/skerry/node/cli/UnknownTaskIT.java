package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.board.dagcbor.DagCbor;
import org.skerry.node.config.ConfigSource;
import org.skerry.node.daemon.Daemon;
import org.skerry.node.home.IdentityFile;
import org.skerry.node.home.SkerryHome;

/** A task that nobody knows, by id and by name, at every command that takes one. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class UnknownTaskIT {
  /** Well formed, and of nothing. */
  private static final String ID = DagCbor.cidOf(new byte[] {1}).toString();

  @TempDir Path folder;
  private Daemon daemon;

  @BeforeEach
  void start() throws Exception {
    SkerryHome home = new SkerryHome(folder.resolve("home"));
    home.create();
    Map<String, String> environment =
        Map.of(
            "SKERRY_NETWORK_LISTEN", "/ip4/127.0.0.1/tcp/0",
            "SKERRY_VOLUNTEER_TRAIN", "false",
            "SKERRY_VOLUNTEER_EVALUATE", "false");
    daemon =
        Daemon.start(
            home,
            new ConfigSource(home.config(), environment),
            IdentityFile.loadOrCreate(home.identityKey()),
            "test",
            false);
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  @Test
  void isNamedByTheCommandsThatAskTheDaemon() {
    for (String verb : List.of("show", "watch", "withdraw")) {
      for (String task : List.of(ID, "unicorn")) {
        CommandRun run = CommandRun.of(folder.resolve("home"), "task", verb, task);
        assertThat(run.status()).as(run.err()).isEqualTo(6);
        assertThat(run.error()).contains("'" + task + "'", "`skerry task list`");
      }
    }
  }

  @Test
  void isNamedByPullWhichLeavesNoModel() {
    Path home = folder.resolve("consumer");
    String bootstrap = daemon.listenAddresses().getFirst().toString();

    CommandRun byId = CommandRun.of(home, "pull", ID, "--bootstrap", bootstrap);
    assertThat(byId.status()).as(byId.err()).isEqualTo(6);
    assertThat(byId.error()).contains(ID, "check the id");

    String publisher = daemon.status().peer();
    CommandRun byName =
        CommandRun.of(home, "pull", publisher + "/unicorn", "--bootstrap", bootstrap);
    assertThat(byName.status()).as(byName.err()).isEqualTo(6);
    assertThat(byName.error()).contains("unicorn", publisher, "`skerry task list`");
    assertThat(home.resolve("models")).doesNotExist();
  }
}
