package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every mistake a user can make: one line, a remedy, a status, and nothing half-written. */
class BadInputIT {
  private static final String STRANGER = "12D3KooWHcXHRMkjL7iCa6VCCf4ZWZ6At65rL9YvHriok2VsAtcb";

  @TempDir Path folder;

  private final StringWriter err = new StringWriter();
  private Path home = Path.of("");

  @BeforeEach
  void chooseHome() {
    home = folder.resolve("home");
  }

  private int skerry(String... arguments) {
    err.getBuffer().setLength(0);
    Map<String, String> environment = Map.of("SKERRY_HOME", home.toString());
    Terminal terminal =
        new Terminal(new PrintWriter(new StringWriter()), new PrintWriter(err), false, environment);
    return Main.run(terminal, environment, arguments);
  }

  private String error() {
    List<String> errors = err.toString().lines().filter(l -> l.startsWith("error: ")).toList();
    assertThat(errors).hasSize(1);
    assertThat(err.toString()).doesNotContain("\tat ");
    return errors.getFirst();
  }

  @Test
  void corruptTarIsNamedAndNothingIsLeft() throws Exception {
    Path tar = Files.writeString(folder.resolve("pictures.tar"), "this is no tar".repeat(100));
    Path out = folder.resolve("made.task");

    int status = skerry("task", "create", "--images", tar.toString(), "--out", out.toString());

    assertThat(status).isEqualTo(8);
    assertThat(error()).contains(tar.toString(), "; ");
    assertNothingBeside(tar);
  }

  @Test
  void folderWithoutPicturesAndMissingFilesAreNamed() throws Exception {
    assertThat(skerry("task", "create", "--images", folder.resolve("none").toString()))
        .isEqualTo(6);
    assertThat(error()).contains(folder.resolve("none").toString(), "; ");

    Path other = Files.writeString(folder.resolve("notes.txt"), "x");
    assertThat(skerry("task", "create", "--images", other.toString())).isEqualTo(2);
    assertThat(error()).contains(other.toString(), "; ");
  }

  @Test
  void tooManyExpertsForTheImagesIsToldBeforeAnythingIsWritten() throws Exception {
    Path out = folder.resolve("made.task");
    int status =
        skerry(
            "task", "create", "--images", "builtin", "--experts", "200", "--out", out.toString());

    assertThat(status).isEqualTo(2);
    assertThat(error()).contains("; ");
    assertThat(out).doesNotExist();
    assertThat(folder.resolve(".made.task.partial")).doesNotExist();
  }

  @Test
  void evaluatorsThatCannotBeAreToldBeforeAnythingIsRead() {
    String[] create = {"task", "create", "--images", folder.resolve("none").toString()};

    assertThat(skerry(with(create, "--evaluator", "bob"))).isEqualTo(2);
    assertThat(error()).contains("bob", "; ");
    assertThat(skerry(with(create, "--required", "2"))).isEqualTo(2);
    assertThat(error()).contains("required", "; ");
  }

  private static String[] with(String[] first, String... more) {
    return Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void portInUseIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "/ip4/127.0.0.1/tcp/" + taken.getLocalPort();

      assertThat(skerry("node", "run", "--listen", address, "--no-train", "--no-evaluate"))
          .isEqualTo(4);
      assertThat(error()).contains(address, "in use", "[network] listen");
      assertThat(home.resolve("control.json")).doesNotExist();
    }
  }

  @Test
  void consumerWithoutPeersIsToldWhatToDo() {
    assertThat(skerry("pull", "emoji")).isEqualTo(5);
    assertThat(error()).contains("no bootstrap peer is configured", "--bootstrap");
  }

  @Test
  void consumerWhosePeersAreAwayGivesUp() throws Exception {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    String address = "/ip4/127.0.0.1/tcp/" + closed + "/p2p/" + STRANGER;

    assertThat(skerry("pull", STRANGER + "/emoji", "--bootstrap", address)).isEqualTo(5);
    assertThat(error()).contains("none of the 1 bootstrap peers answers; check the addresses");
    assertThat(home.resolve("models")).doesNotExist();
  }

  @Test
  void modelThatWasNeverPulledIsNamed() {
    assertThat(skerry("sample", "unicorn")).isEqualTo(6);
    assertThat(error()).contains("unicorn", "skerry pull unicorn");
  }

  @Test
  void demoDoesNotReplaceFilesOfOthers() throws Exception {
    Files.writeString(folder.resolve("thesis.txt"), "my only copy");

    assertThat(skerry("demo", "--out", folder.toString())).isEqualTo(2);
    assertThat(error()).contains(folder + " holds files that are not of a demo; name another");
    assertThat(folder.resolve("thesis.txt")).hasContent("my only copy");
  }

  private void assertNothingBeside(Path file) throws Exception {
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrder(file, home);
    }
  }
}
