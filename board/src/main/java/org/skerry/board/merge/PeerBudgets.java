package org.skerry.board.merge;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.skerry.libp2p.PeerId;

/**
 * Every peer's own {@link TokenBudget} of signature checks, so that what one peer sends costs no
 * other peer anything. Safe for any thread.
 *
 * <p>Only the peers heard of last are remembered, since ids cost nothing to make. One that was
 * forgotten starts with a full budget again: what that gives away, another new id has too, and the
 * honest peers that are pushed out lose nothing.
 */
public final class PeerBudgets {
  /** Budgets that are remembered. */
  public static final int MAX_PEERS = 4096;

  /** Checks a second of one peer in the long run: a few percent of one core. */
  public static final int CHECKS_PER_SECOND = 200;

  /** Checks of one peer at once: some forty full boards of which nothing was known before. */
  public static final int BURST = 4096;

  private final int checksPerSecond;
  private final int burst;
  private final InstantSource clock;

  /** Guarded by itself; in the order in which they were last asked for. */
  private final Map<PeerId, TokenBudget> budgets =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PeerId, TokenBudget> eldest) {
          return size() > MAX_PEERS;
        }
      };

  /** With {@link #CHECKS_PER_SECOND} and {@link #BURST}. */
  public PeerBudgets(InstantSource clock) {
    this(CHECKS_PER_SECOND, BURST, clock);
  }

  public PeerBudgets(int checksPerSecond, int burst, InstantSource clock) {
    this.checksPerSecond = checksPerSecond;
    this.burst = burst;
    this.clock = clock;
  }

  /** The budget of {@code peer}. */
  public VerificationBudget of(PeerId peer) {
    synchronized (budgets) {
      return budgets.computeIfAbsent(peer, any -> new TokenBudget(checksPerSecond, burst, clock));
    }
  }

  /** How many peers are remembered. */
  public int size() {
    synchronized (budgets) {
      return budgets.size();
    }
  }
}
