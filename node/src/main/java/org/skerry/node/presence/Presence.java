package org.skerry.node.presence;

import java.time.Duration;

/**
 * Whether somebody sits at this computer.
 *
 * @param reason for people: how that is known, or why it is not
 */
public record Presence(State state, String reason) {
  /** What could be found out; of several answers the first in this order holds. */
  public enum State {
    ACTIVE,
    UNKNOWN,
    AWAY
  }

  /**
   * By when {@code what} had its last input.
   *
   * @param idle how long ago that was
   * @param awayAfter without input for so long, nobody is there
   */
  static Presence byInput(String what, Duration idle, Duration awayAfter) {
    return idle.compareTo(awayAfter) < 0
        ? new Presence(State.ACTIVE, what + " is in use")
        : new Presence(
            State.AWAY, what + " has had no input for %d min".formatted(idle.toMinutes()));
  }
}
