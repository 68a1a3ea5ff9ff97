package org.skerry.node.guest;

import java.time.Instant;
import java.util.Optional;

/**
 * Why nothing is to be computed now.
 *
 * @param reason for people, after "paused: "
 * @param until when it will be over, where that is known
 */
public record Hindrance(String reason, Optional<Instant> until) {
  static Optional<Hindrance> because(String reason) {
    return Optional.of(new Hindrance(reason, Optional.empty()));
  }
}
