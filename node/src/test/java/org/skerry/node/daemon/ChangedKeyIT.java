package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
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
  @TempDir Path folder;
  private Homes homes = new Homes(Path.of(""));

  @BeforeEach
  void open() {
    homes = new Homes(folder);
  }

  @AfterEach
  void close() {
    homes.close();
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private CommandRun pull(String home, Multiaddr through, String name) {
    return homes.run(home, "pull", name, "--bootstrap", through.toString());
  }

  private void publish(String home) throws Exception {
    homes.well(
        home,
        "task",
        "create",
        "--images",
        homes.tar("pictures.tar", 80).toString(),
        "--name",
        "whole",
        "--size",
        "8",
        "--experts",
        "2",
        "--width",
        "16",
        "--steps",
        "60",
        "--out",
        path("made.task"));
    homes.well(home, "task", "publish", path("made.task"));
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
    String[] settings = {
      "SKERRY_VOLUNTEER_TRAIN", "false", "SKERRY_NETWORK_BOOTSTRAP", address.toString()
    };
    try (Daemon _ = homes.daemon("publisher", settings)) {
      publish("publisher");
      CommandRun locked = homes.run("publisher", "keys", "rotate");
      assertThat(locked.status()).isEqualTo(4);
      assertThat(locked.error()).contains("stop that one");
    }
    String next = homes.well("publisher", "keys", "rotate").out().strip();
    assertThat(homes.peer("publisher")).hasToString(next).isNotEqualTo(old);
    assertThat(homes.run("publisher", "keys", "rotate", "--recovery", path("none")).error())
        .contains("there is no file");
    homes.daemon("publisher", settings);
    assertListed("publisher");

    CommandRun pulled = pull("consumer", address, old + "/whole");
    assertThat(pulled.err()).contains("the key " + old + " was succeeded by " + next);
    assertThat(pulled.error()).as("nothing was trained yet").contains("no accepted expert");
    assertThat(pull("consumer", address, next + "/whole").error()).contains("no accepted expert");
    homes.daemon(
        "volunteer",
        "SKERRY_VOLUNTEER_TRAIN",
        "false",
        "SKERRY_NETWORK_BOOTSTRAP",
        address.toString(),
        "SKERRY_NETWORK_PUBLISHERS",
        old.toString());
    assertListed("volunteer");

    // What the old key signed, its owner takes back.
    homes.well("publisher", "task", "withdraw", "whole");
    assertThat(pull("consumer", address, old + "/whole").error()).contains("no task 'whole'");
    assertThat(homes.run("publisher", "task", "publish", path("made.task")).error())
        .contains("was withdrawn", "create it again");
  }

  @Test
  void somebodyElseForksATaskOverTheNetworkWithAllThatItNeeds() throws Exception {
    PeerId first = homes.peer("publisher");
    Daemon hub = homes.daemon("hub", "SKERRY_VOLUNTEER_TRAIN", "false");
    Multiaddr address = hub.listenAddresses().getFirst();
    String[] settings = {
      "SKERRY_VOLUNTEER_TRAIN", "false", "SKERRY_NETWORK_BOOTSTRAP", address.toString()
    };
    homes.daemon("publisher", settings);
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
        path("mine.task"));
    TaskFolder made = new TaskFolder(folder.resolve("made.task"));
    TaskFolder mine = new TaskFolder(folder.resolve("mine.task"));
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
    homes.daemon("stranger", settings);
    homes.well("stranger", "task", "publish", path("mine.task"));
    assertListed("stranger", "mine");

    homes.well("third", "task", "fork", path("mine.task"), "--out", path("third.task"));
    assertThat(new TaskFolder(folder.resolve("third.task")).task().forkOf())
        .containsExactly(fork.id(), origin.id());
    assertThat(homes.run("third", "task", "fork", path("none"), "--out", path("x")).error())
        .contains("no bootstrap peer");
    assertThat(
            homes
                .run("third", "task", "fork", path("mine.task"), "--out", path("third.task"))
                .error())
        .contains("exists already");
    CommandRun extended =
        homes.run("third", "task", "extend", path("mine.task"), "--images", path("pictures.tar"));
    assertThat(extended.error()).contains("only they extend it", "`skerry task fork`");
  }

  @Test
  void aRevocationThatWasSignedBeforehandEndsAKeyForGood() throws Exception {
    PeerId old = homes.peer("publisher");
    homes.well("publisher", "keys", "revoke", "--out", path("kept.revocation"));
    Daemon hub = homes.daemon("hub", "SKERRY_VOLUNTEER_TRAIN", "false");
    Multiaddr address = hub.listenAddresses().getFirst();
    homes.daemon(
        "publisher",
        "SKERRY_VOLUNTEER_TRAIN",
        "false",
        "SKERRY_NETWORK_BOOTSTRAP",
        address.toString());
    publish("publisher");
    homes.daemon(
        "volunteer",
        "SKERRY_VOLUNTEER_TRAIN",
        "false",
        "SKERRY_NETWORK_BOOTSTRAP",
        address.toString(),
        "SKERRY_NETWORK_PUBLISHERS",
        old.toString());
    assertListed("volunteer");

    CommandRun asked =
        homes.run(
            "anywhere",
            "keys",
            "publish",
            path("kept.revocation"),
            "--bootstrap",
            address.toString());
    assertThat(asked.error()).contains("ends the key " + old + " for good", "--yes");
    homes.well(
        "anywhere",
        "keys",
        "publish",
        path("kept.revocation"),
        "--yes",
        "--bootstrap",
        address.toString());

    CommandRun pulled = pull("consumer", address, old + "/whole");
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
