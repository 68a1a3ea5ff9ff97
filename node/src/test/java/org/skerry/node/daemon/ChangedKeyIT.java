package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.node.cli.CommandRun;
import org.skerry.node.task.TaskFolder;

/** Keys that are changed, kept and ended by their owner, with daemons on real sockets. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class ChangedKeyIT {
  private final Homes homes;

  ChangedKeyIT(@TempDir Path folder) {
    homes = new Homes(folder);
  }

  @AfterEach
  void close() {
    homes.close();
  }

  private void publish(String home) throws Exception {
    homes.create(home, 80, homes.path("made.task"));
    homes.well(home, "task", "publish", homes.path("made.task"));
  }

  private void assertListed(String home) {
    assertListed(home, "whole");
  }

  private void assertListed(String home, String task) {
    Awaitility.await()
        .atMost(90, TimeUnit.SECONDS)
        .until(() -> homes.well(home, "task", "list").out().contains(task));
  }

  @Test
  void whoAllowedTheOldKeyFindsTheTasksUnderTheNewOneAndItsOwnerGoesOnWithThem() throws Exception {
    PeerId old = homes.peer("publisher");
    Daemon hub = homes.daemon("hub", "SKERRY_VOLUNTEER_TRAIN", "false");
    Multiaddr address = hub.listenAddresses().getFirst();
    try (Daemon _ = homes.idle("publisher", address)) {
      publish("publisher");
      CommandRun locked = homes.run("publisher", "keys", "rotate");
      assertThat(locked.status()).isEqualTo(4);
      assertThat(locked.error()).contains("stop that one");
    }
    String next = homes.well("publisher", "keys", "rotate").out().strip();
    assertThat(homes.peer("publisher")).hasToString(next).isNotEqualTo(old);
    assertThat(homes.run("publisher", "keys", "rotate", "--recovery", homes.path("none")).error())
        .contains("there is no file");
    homes.idle("publisher", address);
    assertListed("publisher");

    CommandRun pulled = homes.pull("consumer", address, old + "/whole");
    assertThat(pulled.err()).contains("the key " + old + " was succeeded by " + next);
    assertThat(pulled.error()).as("nothing was trained yet").contains("no accepted expert");
    assertThat(homes.pull("consumer", address, next + "/whole").error())
        .contains("no accepted expert");
    homes.idle("volunteer", address, "SKERRY_NETWORK_PUBLISHERS", old.toString());
    assertListed("volunteer");

    // What the old key signed, its owner takes back.
    homes.well("publisher", "task", "withdraw", "whole");
    assertThat(homes.pull("consumer", address, old + "/whole").error()).contains("no task 'whole'");
    assertThat(homes.run("publisher", "task", "publish", homes.path("made.task")).error())
        .contains("was withdrawn", "create it again");
  }

  @Test
  void somebodyElseForksATaskOverTheNetworkWithAllThatItNeeds() throws Exception {
    PeerId first = homes.peer("publisher");
    Daemon hub = homes.daemon("hub", "SKERRY_VOLUNTEER_TRAIN", "false");
    Multiaddr address = hub.listenAddresses().getFirst();
    homes.idle("publisher", address);
    publish("publisher");
    homes.well(
        "stranger",
        "task",
        "fork",
        first + "/whole",
        "--name",
        "mine",
        "--bootstrap",
        address.toString(),
        "--out",
        homes.path("mine.task"));
    TaskFolder made = new TaskFolder(Path.of(homes.path("made.task")));
    TaskFolder mine = new TaskFolder(Path.of(homes.path("mine.task")));
    Task origin = made.task();
    Task fork = mine.task();
    assertThat(fork.publisher()).isEqualTo(homes.peer("stranger"));
    assertThat(fork.policy().evaluators()).containsExactly(homes.peer("stranger"));
    assertThat(fork.forkOf()).containsExactly(origin.id());
    assertThat(mine.blobIds()).containsExactlyElementsOf(made.blobIds());
    for (Unit unit : fork.units()) {
      assertThat(fork.inherits(origin, unit.index())).isTrue();
      assertThat(unit.secretHash())
          .as("only the publisher has held-out shards")
          .isEqualTo(unit.validationBlob());
    }
    homes.idle("stranger", address);
    homes.well("stranger", "task", "publish", homes.path("mine.task"));
    assertListed("stranger", "mine");

    homes.well("third", "task", "fork", homes.path("mine.task"), "--out", homes.path("third.task"));
    assertThat(new TaskFolder(Path.of(homes.path("third.task"))).task().forkOf())
        .containsExactly(fork.id(), origin.id());
    assertThat(
            homes
                .run("third", "task", "fork", homes.path("none"), "--out", homes.path("x"))
                .error())
        .contains("no bootstrap peer");
    assertThat(
            homes
                .run(
                    "third",
                    "task",
                    "fork",
                    homes.path("mine.task"),
                    "--out",
                    homes.path("third.task"))
                .error())
        .contains("exists already");
    CommandRun extended =
        homes.run(
            "third",
            "task",
            "extend",
            homes.path("mine.task"),
            "--images",
            homes.path("pictures.tar"));
    assertThat(extended.error()).contains("only they extend it", "`skerry task fork`");
  }

  @Test
  void aRevocationThatWasSignedBeforehandEndsAKeyForGood() throws Exception {
    PeerId old = homes.peer("publisher");
    homes.well("publisher", "keys", "revoke", "--out", homes.path("kept.revocation"));
    Daemon hub = homes.daemon("hub", "SKERRY_VOLUNTEER_TRAIN", "false");
    Multiaddr address = hub.listenAddresses().getFirst();
    homes.idle("publisher", address);
    publish("publisher");
    homes.idle("volunteer", address, "SKERRY_NETWORK_PUBLISHERS", old.toString());
    assertListed("volunteer");

    CommandRun asked =
        homes.run(
            "anywhere",
            "keys",
            "publish",
            homes.path("kept.revocation"),
            "--bootstrap",
            address.toString());
    assertThat(asked.error()).contains("ends the key " + old + " for good", "--yes");
    homes.well(
        "anywhere",
        "keys",
        "publish",
        homes.path("kept.revocation"),
        "--yes",
        "--bootstrap",
        address.toString());

    CommandRun pulled = homes.pull("consumer", address, old + "/whole");
    assertThat(pulled.status()).isEqualTo(7);
    assertThat(pulled.error()).contains("it is revoked: revoked by its owner", "ask its owner");
    Awaitility.await()
        .atMost(90, TimeUnit.SECONDS)
        .until(() -> !homes.well("volunteer", "task", "list").out().contains("whole"));
    assertThat(
            homes
                .well(
                    "somebody",
                    "keys",
                    "check",
                    old.toString(),
                    "--json",
                    "--bootstrap",
                    address.toString())
                .out())
        .contains("\"standing\" : \"revoked\"");
  }
}
