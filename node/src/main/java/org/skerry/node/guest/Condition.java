package org.skerry.node.guest;

import java.time.Instant;
import java.util.Optional;

/** One condition under which the owner lets this computer compute. Used by one thread. */
@FunctionalInterface
interface Condition {
  /** What stands against it now; nothing when it holds. It may take seconds. */
  Optional<Hindrance> hindrance(Instant now) throws InterruptedException;
}
