package org.skerry.node.guest;

import java.time.Instant;
import java.util.Optional;

/**
 * Why nothing is to be computed, or transferred, now.
 *
 * @param name of the condition that does not hold
 * @param reason for people, after "paused: "
 * @param until when it will be over, where that is known
 */
public record Hindrance(String name, String reason, Optional<Instant> until) {}
