package org.skerry.node.presence;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;

/** Finds out whether somebody sits at this computer. Used by one thread. */
@FunctionalInterface
public interface PresenceDetector {
  /** The answer of now; it may take seconds. */
  Presence detect() throws InterruptedException;

  /**
   * What this system can tell: on Linux logind, and without it the consoles.
   *
   * @param awayAfter without input for so long, nobody is there
   */
  static PresenceDetector ofSystem(Duration awayAfter) {
    String system = System.getProperty("os.name");
    if (!system.startsWith("Linux")) {
      return () ->
          new Presence(Presence.State.UNKNOWN, "no way to ask " + system + " for it is known yet");
    }
    InstantSource clock = InstantSource.system();
    Desktops desktops = new Desktops(Path.of("/proc/net/unix"));
    Logind logind = new Logind("loginctl", desktops, awayAfter, clock);
    Consoles consoles = new Consoles(Path.of("/dev"), desktops, awayAfter, clock);
    return () -> {
      try {
        return logind.ask();
      } catch (IOException e) {
        return consoles.ask(String.valueOf(e.getMessage()));
      }
    };
  }
}
