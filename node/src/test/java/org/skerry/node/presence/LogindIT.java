package org.skerry.node.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.node.presence.Presence.State;

/** Against a {@code loginctl} that prints the file named by its arguments. */
class LogindIT {
  private static final Instant NOW = Instant.parse("2026-03-30T12:00:00Z");
  private static final Duration AWAY_AFTER = Duration.ofMinutes(5);
  private static final String WAYLAND =
      "Id=2\nName=ada\nSeat=seat0\nRemote=no\nType=wayland\nClass=user\nActive=yes\nState=active\n";
  private static final String TTY = WAYLAND.replace("wayland", "tty");

  @TempDir Path folder;

  @BeforeEach
  void install() throws IOException {
    install("exec cat \"${0%/*}/$*\"");
    answer("sockets", "");
    answer("list-seats --no-legend", "seat0\n");
    answer("show-seat seat0", "Id=seat0\nActiveSession=2\nSessions=2 5\nIdleHint=no\n");
  }

  @Test
  void aDesktopIsInUseUntilItHasHintedAtIdlenessForLongEnough() throws Exception {
    answer("show-session 2", WAYLAND + "IdleHint=no\nIdleSinceHint=" + minutesAgo(60));
    assertThat(ask())
        .isEqualTo(new Presence(State.ACTIVE, "the wayland session of ada on seat0 is in use"));
    answer("show-session 2", WAYLAND + "IdleHint=yes\nIdleSinceHint=" + minutesAgo(4));
    assertThat(ask().state()).isEqualTo(State.ACTIVE);
    answer("show-session 2", WAYLAND + "IdleHint=yes\nIdleSinceHint=" + minutesAgo(5));
    assertThat(ask())
        .isEqualTo(
            new Presence(
                State.AWAY, "the wayland session of ada on seat0 has had no input for 5 min"));
  }

  @Test
  void aConsoleIsInUseByItsLastInputWhateverTheHint() throws Exception {
    answer("show-session 2", TTY + "IdleHint=no\nIdleSinceHint=" + minutesAgo(1));
    assertThat(ask().state()).isEqualTo(State.ACTIVE);
    answer("show-session 2", TTY + "IdleHint=no\nIdleSinceHint=" + minutesAgo(90));
    assertThat(ask())
        .isEqualTo(
            new Presence(
                State.AWAY, "the tty session of ada on seat0 has had no input for 90 min"));
  }

  @Test
  void aDesktopThatWasStartedFromAConsoleMayBeInUse() throws Exception {
    answer("sockets", "0: 00000003 00000000 00000000 0001 03 1236 @/tmp/.X11-unix/X0\n");
    answer("show-session 2", TTY + "IdleSinceHint=" + minutesAgo(90));
    assertThat(ask())
        .isEqualTo(
            new Presence(
                State.UNKNOWN,
                "the tty session of ada on seat0 has had no input for 90 min, but a desktop runs"));
    answer("show-session 2", WAYLAND + "IdleHint=yes\nIdleSinceHint=" + minutesAgo(90));
    assertThat(ask().state()).isEqualTo(State.AWAY);
  }

  @Test
  void nobodyIsAtAServerWithoutALoginOnItsSeat() throws Exception {
    Presence nobody = new Presence(State.AWAY, "nobody is logged in at its screen or console");
    answer("show-seat seat0", "Id=seat0\nIdleHint=yes\n");
    assertThat(ask()).isEqualTo(nobody);
    answer("list-seats --no-legend", "");
    assertThat(ask()).isEqualTo(nobody);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Class=greeter",
        "Class=lock-screen",
        "Type=unspecified",
        "Remote=yes",
        "State=closing"
      })
  void whatIsNoUserAtTheComputerDoesNotCount(String property) throws Exception {
    String key = property.substring(0, property.indexOf('='));
    answer(
        "show-session 2",
        (WAYLAND + "IdleHint=no\n").replaceFirst("(?m)^" + key + "=.*$", property));
    assertThat(ask().state()).isEqualTo(State.AWAY);
  }

  @Test
  void oneSeatInUseIsEnough() throws Exception {
    answer("list-seats --no-legend", "seat0\nseat1\n");
    answer("show-seat seat1", "Id=seat1\nActiveSession=c7\n");
    answer("show-session 2", TTY + "IdleSinceHint=" + minutesAgo(90));
    answer("show-session c7", WAYLAND.replace("ada", "bob") + "IdleHint=no\n");
    assertThat(ask().reason()).isEqualTo("the wayland session of bob on seat0 is in use");
  }

  @Test
  void saysWhyLogindCannotBeAsked() throws Exception {
    Path loginctl = folder.resolve("loginctl");
    assertThatThrownBy(this::ask)
        .isInstanceOf(IOException.class)
        .hasMessage("`" + loginctl + " show-session 2` ended with code 1");
    answer("show-session 2", TTY + "IdleSinceHint=yesterday\n");
    assertThatThrownBy(this::ask).hasMessage(loginctl + " says IdleSinceHint=yesterday");
    install("exec sleep 600");
    assertThatThrownBy(this::ask)
        .hasMessage("`" + loginctl + " list-seats --no-legend` does not answer");
    Files.delete(loginctl);
    assertThatThrownBy(this::ask).hasMessage(loginctl + " cannot be run");
  }

  @Test
  void anAnswerWithoutEndIsNone() throws Exception {
    install("exec yes seat0");
    assertThatThrownBy(this::ask).hasMessageEndingWith("does not answer");
  }

  private Presence ask() throws Exception {
    String loginctl = folder.resolve("loginctl").toString();
    Desktops desktops = new Desktops(folder.resolve("sockets"));
    return new Logind(loginctl, desktops, AWAY_AFTER, () -> NOW).ask();
  }

  private void install(String script) throws IOException {
    Path loginctl = Files.writeString(folder.resolve("loginctl"), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(loginctl, PosixFilePermissions.fromString("rwx------"));
  }

  private void answer(String arguments, String text) throws IOException {
    Files.writeString(folder.resolve(arguments), text);
  }

  private static String minutesAgo(long minutes) {
    return NOW.minusSeconds(60 * minutes).getEpochSecond() + "000000\n";
  }
}
