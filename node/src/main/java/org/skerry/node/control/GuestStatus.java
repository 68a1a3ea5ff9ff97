package org.skerry.node.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the conditions stand under which the owner lends this computer and its line.
 *
 * @param paused why nothing is computed, null while it may be
 * @param held why no blob passes, null while they may
 * @param conditions that were asked, those for computing first
 */
public record GuestStatus(
    @Nullable Hindered paused, @Nullable Hindered held, List<Standing> conditions) {
  public GuestStatus {
    conditions = List.copyOf(conditions);
  }

  /**
   * What stands against something.
   *
   * @param by the condition: the name of a setting, or {@code pause}
   * @param untilMs when it will be over, in milliseconds since 1970; null when that is not known
   */
  public record Hindered(String by, String reason, @Nullable Long untilMs) {}

  /**
   * How one condition stands.
   *
   * @param name among the settings
   * @param wish of the owner
   * @param seen for people, what was found
   */
  public record Standing(String name, String wish, String seen, boolean holds) {}
}
