package org.skerry.board.merge;

import java.time.InstantSource;
import java.util.Optional;
import org.skerry.board.Refusal;
import org.skerry.dht.limit.FairBudget;
import org.skerry.dht.record.Sender;

/**
 * Every peer's own budget of signature checks, so that what one peer sends costs no other peer
 * anything, and every origin's, so that more keys at one place buy little more. Safe for any
 * thread, and of bounded size, as {@link FairBudget} is.
 */
public final class PeerBudgets {
  /** Checks a second of one peer in the long run: a few percent of one core. */
  public static final int CHECKS_PER_SECOND = 200;

  /** Checks of one peer at once: some forty full boards of which nothing was known before. */
  public static final int BURST = 4096;

  private final FairBudget checks;
  private final InstantSource clock;

  /** With {@link #CHECKS_PER_SECOND} and {@link #BURST}. */
  public PeerBudgets(InstantSource clock) {
    this(CHECKS_PER_SECOND, BURST, clock);
  }

  public PeerBudgets(int checksPerSecond, int burst, InstantSource clock) {
    this.checks = new FairBudget(checksPerSecond, burst);
    this.clock = clock;
  }

  /** The budget of {@code sender}. */
  public VerificationBudget of(Sender.Remote sender) {
    return () ->
        switch (checks.take(sender.peer(), sender.origin(), clock.millis())) {
          case GRANTED -> Optional.empty();
          case PEER_EXHAUSTED -> Optional.of(Refusal.BUDGET_EXHAUSTED);
          case ORIGIN_EXHAUSTED -> Optional.of(Refusal.ORIGIN_BUDGET_EXHAUSTED);
        };
  }

  /** How many peers and origins are remembered. */
  public int size() {
    return checks.size();
  }
}
