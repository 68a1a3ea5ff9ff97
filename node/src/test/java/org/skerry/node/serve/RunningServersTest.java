package org.skerry.node.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.SkerryHome;

class RunningServersTest {
  @TempDir Path folder;
  private RunningServers servers;
  private Path notes;

  @BeforeEach
  void emptyHome() {
    SkerryHome home = new SkerryHome(folder);
    servers = new RunningServers(home);
    notes = home.servers();
  }

  /** A note on a process that is this test's, at an address where nobody listens. */
  private static ServerNote own() {
    return ServerNote.ofThisProcess("http://127.0.0.1:1", List.of("coast"), "secret");
  }

  @Test
  void aServerThatDoesNotAnswerIsListedAsSuch() throws Exception {
    Path file = own().write(notes);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(servers.rows(damaged -> {}))
        .containsExactly(
            new RunningServers.Row(
                ProcessHandle.current().pid(), "http://127.0.0.1:1", List.of("coast"), null, null));
    assertThat(own().toString()).doesNotContain("secret");
  }

  @Test
  void notesOfProcessesThatAreGoneAreSweptAway() throws Exception {
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    Path dead = new ServerNote(gone.pid(), 0, "http://127.0.0.1:1", List.of(), "s").write(notes);
    ServerNote self = own();
    Path reused =
        new ServerNote(self.pid(), self.startedMs() - 60_000, "http://127.0.0.1:2", List.of(), "s")
            .write(notes.resolve("..").resolve("servers"));
    assertThat(servers.rows(damaged -> {})).isEmpty();
    assertThat(dead).doesNotExist();
    assertThat(reused).doesNotExist();
  }

  @Test
  void aDamagedNoteIsToldAndLeftAlone() throws Exception {
    Path file = Files.createDirectories(notes).resolve("7.json");
    Files.writeString(file, "{");
    List<String> told = new ArrayList<>();
    assertThat(servers.rows(told::add)).isEmpty();
    assertThat(told).containsExactly(file + " is damaged; delete it");
  }

  @Test
  void stoppingNeedsToKnowWhich() throws Exception {
    assertThatThrownBy(() -> servers.stop(Optional.empty(), Duration.ZERO))
        .hasMessageStartingWith("no `skerry serve` runs on " + folder)
        .isInstanceOfSatisfying(
            NodeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NO_DAEMON));
    own().write(notes);
    assertThatThrownBy(() -> servers.stop(Optional.of("nine"), Duration.ZERO))
        .hasMessage(
            "no server is 'nine'; name one by its process id: ["
                + ProcessHandle.current().pid()
                + "]");
  }
}
