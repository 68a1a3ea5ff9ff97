package org.skerry.node.guest;

import java.time.Duration;
import java.time.Instant;
import org.skerry.node.presence.Presence;
import org.skerry.node.presence.PresenceDetector;

/**
 * Nothing is computed before the owner has been away for a while. Where that cannot be known, he is
 * taken to be there.
 */
record AwayOwner(PresenceDetector detector, Duration awayAfter) implements Condition {
  @Override
  public String name() {
    return "limits.idle-minutes";
  }

  @Override
  public String wish() {
    return Long.toString(awayAfter.toMinutes());
  }

  @Override
  public Answer ask(Instant now) throws InterruptedException {
    Presence presence = detector.detect();
    return switch (presence.state()) {
      case AWAY -> Answer.holds("you are away (" + presence.reason() + ")");
      case ACTIVE -> against("you are at the computer (" + presence.reason() + ")");
      case UNKNOWN ->
          against(
              "it is unknown whether you are at the computer ("
                  + presence.reason()
                  + "); limits.idle-minutes = 0 computes all the same");
    };
  }
}
