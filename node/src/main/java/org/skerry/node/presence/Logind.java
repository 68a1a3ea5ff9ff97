package org.skerry.node.presence;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.skerry.node.presence.Presence.State;

/**
 * Asks logind, through {@code loginctl}, for the session in the foreground of each seat: a login
 * over the network has no seat, and a login screen is no user's session.
 *
 * <p>Of a graphical session, its desktop sets the idle hint when it sees fit, and {@code
 * IdleSinceHint} is when it last did; one whose desktop never does is in use as long as it is in
 * the foreground. Of a text session {@code IdleSinceHint} is when its terminal was last read from,
 * whatever the hint (org.freedesktop.login1(5), {@code session_get_idle_hint} of logind).
 */
final class Logind {
  private static final long ANSWER_SECONDS = 5;
  private static final Set<String> GRAPHICAL = Set.of("x11", "wayland", "mir");

  private final String loginctl;
  private final Desktops desktops;
  private final Duration awayAfter;
  private final InstantSource clock;

  /**
   * @param loginctl the program
   * @param awayAfter without input for so long, nobody is there
   */
  Logind(String loginctl, Desktops desktops, Duration awayAfter, InstantSource clock) {
    this.loginctl = loginctl;
    this.desktops = desktops;
    this.awayAfter = awayAfter;
    this.clock = clock;
  }

  /**
   * Whether somebody uses a seat of this computer.
   *
   * @throws IOException when logind cannot be asked, with the reason for people
   */
  Presence ask() throws IOException, InterruptedException {
    List<Presence> sessions = new ArrayList<>();
    for (String line : run(List.of("list-seats", "--no-legend")).lines().toList()) {
      String seat = line.strip();
      String session = properties(List.of("show-seat", seat)).getOrDefault("ActiveSession", "");
      if (!session.isEmpty()) {
        presence(properties(List.of("show-session", session))).ifPresent(sessions::add);
      }
    }
    return sessions.stream()
        .min(Comparator.comparing(Presence::state))
        .orElse(new Presence(State.AWAY, "nobody is logged in at its screen or console"));
  }

  private Optional<Presence> presence(Map<String, String> session) throws IOException {
    String type = session.getOrDefault("Type", "");
    boolean graphical = GRAPHICAL.contains(type);
    if (!session.getOrDefault("Class", "").startsWith("user")
        || !session.getOrDefault("State", "").equals("active")
        || session.getOrDefault("Remote", "").equals("yes")
        || !(graphical || type.equals("tty"))) {
      return Optional.empty();
    }
    String what =
        "the %s session of %s on %s"
            .formatted(type, session.get("Name"), session.getOrDefault("Seat", "no seat"));
    boolean idle = !graphical || session.getOrDefault("IdleHint", "").equals("yes");
    Presence byInput = Presence.byInput(what, idle ? sinceIdle(session) : Duration.ZERO, awayAfter);
    return Optional.of(
        byInput.state() == State.AWAY && !graphical && desktops.anyRuns()
            ? new Presence(State.UNKNOWN, byInput.reason() + ", but a desktop runs")
            : byInput);
  }

  /** Zero for a session that does not say since when, such as one whose terminal is gone. */
  private Duration sinceIdle(Map<String, String> session) throws IOException {
    String micros = session.getOrDefault("IdleSinceHint", "0");
    try {
      long ms = TimeUnit.MICROSECONDS.toMillis(Long.parseLong(micros));
      return ms == 0 ? Duration.ZERO : Duration.between(Instant.ofEpochMilli(ms), clock.instant());
    } catch (NumberFormatException e) {
      throw new IOException(loginctl + " says IdleSinceHint=" + micros, e);
    }
  }

  private Map<String, String> properties(List<String> arguments)
      throws IOException, InterruptedException {
    Map<String, String> properties = new HashMap<>();
    for (String line : run(arguments).lines().toList()) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        properties.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return properties;
  }

  /** An answer that fills the pipe is never read, and so ends as none. */
  private String run(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(loginctl));
    command.addAll(arguments);
    String text = String.join(" ", command);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("LC_ALL", "C");
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new IOException(loginctl + " cannot be run", e);
    }
    try {
      process.getOutputStream().close();
      if (!process.waitFor(ANSWER_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("`" + text + "` does not answer");
      }
      if (process.exitValue() != 0) {
        throw new IOException("`" + text + "` ended with code " + process.exitValue());
      }
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } finally {
      process.destroyForcibly();
    }
  }
}
