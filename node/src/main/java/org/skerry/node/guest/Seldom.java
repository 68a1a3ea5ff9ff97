package org.skerry.node.guest;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A condition whose answer is expensive, and holds for a while. */
final class Seldom implements Condition {
  private final Condition condition;
  private final Duration every;
  private @Nullable Answer last;
  private Instant askedAt = Instant.MIN;

  Seldom(Condition condition, Duration every) {
    this.condition = condition;
    this.every = every;
  }

  @Override
  public String name() {
    return condition.name();
  }

  @Override
  public String wish() {
    return condition.wish();
  }

  @Override
  public Answer ask(Instant now) throws InterruptedException {
    @Nullable Answer known = last;
    // A clock that was put back must not keep an answer for years.
    if (known != null && !now.isBefore(askedAt) && now.isBefore(askedAt.plus(every))) {
      return known;
    }
    Answer answer = condition.ask(now);
    last = answer;
    askedAt = now;
    return answer;
  }
}
