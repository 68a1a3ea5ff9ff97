package org.skerry.node.presence;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.node.presence.Presence.State;

class ConsolesTest {
  private static final Instant NOW = Instant.parse("2026-03-30T12:00:00Z");
  private static final String WHY = "loginctl cannot be run";

  @TempDir Path folder;
  private Path sockets;

  @BeforeEach
  void noDesktop() throws IOException {
    sockets =
        Files.writeString(
            folder.resolve("unix"),
            "Num RefCount Protocol Flags Type St Inode Path\n"
                + "0: 00000002 00000000 00010000 0001 01 1234 /run/dbus/system_bus_socket\n");
  }

  @Test
  void theConsoleThatWasReadLastSaysHowLongNobodyIsThere() throws IOException {
    console("tty1", 90);
    console("tty2", 12);
    console("ttyS0", 1);
    console("pts0", 1);
    assertThat(ask())
        .isEqualTo(new Presence(State.AWAY, "its console has had no input for 12 min"));
    console("tty3", 4);
    assertThat(ask()).isEqualTo(new Presence(State.ACTIVE, "its console is in use"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"@/tmp/.X11-unix/X0", "/run/user/1000/wayland-1"})
  void whereADesktopRunsNothingIsKnown(String socket) throws IOException {
    console("tty1", 90);
    Files.writeString(sockets, "0: 00000002 00000000 00010000 0001 01 1235 " + socket + "\n");
    assertThat(ask()).isEqualTo(new Presence(State.UNKNOWN, WHY + ", and a desktop runs"));
  }

  @Test
  void inAContainerNothingIsKnown() throws IOException {
    assertThat(ask()).isEqualTo(new Presence(State.UNKNOWN, WHY + ", and there is no console"));
    Files.delete(sockets);
    assertThat(ask())
        .isEqualTo(new Presence(State.UNKNOWN, WHY + ", and its consoles cannot be looked at"));
  }

  private Presence ask() {
    return new Consoles(folder, new Desktops(sockets), Duration.ofMinutes(5), () -> NOW).ask(WHY);
  }

  private void console(String name, long minutesAgo) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "");
    Files.setAttribute(
        file, "lastAccessTime", FileTime.from(NOW.minus(Duration.ofMinutes(minutesAgo))));
  }
}
