package org.skerry.node.guest;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.skerry.node.config.WeeklyHours;

/** The hours of the week for which the owner lends something. */
record OwnerHours(String name, String what, WeeklyHours hours, ZoneId zone) implements Condition {
  @Override
  public String wish() {
    return hours.toString();
  }

  @Override
  public Answer ask(Instant now) {
    return hours.contain(LocalDateTime.ofInstant(now, zone))
        ? Answer.holds("within the hours for " + what)
        : against("outside the hours for " + what, hours.nextBegin(now, zone));
  }
}
