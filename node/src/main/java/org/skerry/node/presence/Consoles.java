package org.skerry.node.presence;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.skerry.node.presence.Presence.State;

/**
 * Looks when the virtual consoles were last read from, where no logind knows. Pseudo-terminals do
 * not count: whether one is a window of a desktop or a login over the network, nobody says.
 */
final class Consoles {
  private final Path devices;
  private final Desktops desktops;
  private final Duration awayAfter;
  private final InstantSource clock;

  /**
   * @param devices the folder with {@code tty1} and so on
   * @param awayAfter without input for so long, nobody is there
   */
  Consoles(Path devices, Desktops desktops, Duration awayAfter, InstantSource clock) {
    this.devices = devices;
    this.desktops = desktops;
    this.awayAfter = awayAfter;
    this.clock = clock;
  }

  /**
   * @param without why there is no better answer, for people
   */
  Presence ask(String without) {
    try {
      if (desktops.anyRuns()) {
        return unknown(without, "a desktop runs");
      }
      return lastInput()
          .map(at -> Duration.between(at, clock.instant()))
          .map(idle -> Presence.byInput("its console", idle, awayAfter))
          .orElseGet(() -> unknown(without, "there is no console"));
    } catch (IOException e) {
      return unknown(without, "its consoles cannot be looked at");
    }
  }

  private Optional<Instant> lastInput() throws IOException {
    Optional<Instant> last = Optional.empty();
    try (DirectoryStream<Path> consoles = Files.newDirectoryStream(devices, "tty[0-9]*")) {
      for (Path console : consoles) {
        Instant at =
            Files.readAttributes(console, BasicFileAttributes.class).lastAccessTime().toInstant();
        last = last.filter(other -> other.isAfter(at)).or(() -> Optional.of(at));
      }
    }
    return last;
  }

  private static Presence unknown(String without, String because) {
    return new Presence(State.UNKNOWN, without + ", and " + because);
  }
}
