package org.skerry.board.merge;

import java.time.InstantSource;

/** A token bucket: {@code burst} checks at once, refilled evenly. Safe for any thread. */
public final class TokenBudget implements VerificationBudget {
  private final double perMs;
  private final int burst;
  private final InstantSource clock;
  private double tokens;
  private long filledAtMs;

  public TokenBudget(int checksPerSecond, int burst, InstantSource clock) {
    if (checksPerSecond < 1 || burst < 1) {
      throw new IllegalArgumentException(
          "a budget of " + checksPerSecond + " checks a second, " + burst + " at once");
    }
    this.perMs = checksPerSecond / 1000.0;
    this.burst = burst;
    this.clock = clock;
    this.tokens = burst;
    this.filledAtMs = clock.millis();
  }

  @Override
  public synchronized boolean takeOne() {
    long now = clock.millis();
    tokens = Math.min(burst, tokens + Math.max(0, now - filledAtMs) * perMs);
    filledAtMs = now;
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }
}
