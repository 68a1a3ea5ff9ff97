package org.skerry.node.guest;

import java.time.Instant;
import java.util.Optional;

/** One condition under which the owner lends this computer or its line. Used by one thread. */
interface Condition {
  /** Its name among the settings, such as {@code limits.hours}. */
  String name();

  /** The owner's wish, as he may write it. */
  String wish();

  /** How it is now. It may take seconds. */
  Answer ask(Instant now) throws InterruptedException;

  /**
   * How it is.
   *
   * @param seen for people, what was found
   * @param hindrance what stands against computing now; nothing when the condition holds
   */
  record Answer(String seen, Optional<Hindrance> hindrance) {
    static Answer holds(String seen) {
      return new Answer(seen, Optional.empty());
    }
  }

  /** The answer that it does not hold. */
  default Answer against(String reason, Optional<Instant> until) {
    return new Answer(reason, Optional.of(new Hindrance(name(), reason, until)));
  }

  /** The answer that it does not hold, for nobody knows how long. */
  default Answer against(String reason) {
    return against(reason, Optional.empty());
  }
}
