package org.skerry.board.claim;

import org.skerry.board.document.Claim;

/**
 * A claim as a reader sees it now.
 *
 * @param endsAtMs when it ends, by the reader's clock, unless it is renewed with progress
 */
public record Lease(Claim claim, State state, long endsAtMs) {
  /** How it is with a lease. */
  public enum State {
    /** Claimed, and nothing to start from is here yet. */
    CLAIMED,
    /** It fetches data. */
    FETCHING,
    /** It makes steps. */
    TRAINING,
    /** It should have been renewed, or have made progress, some time ago. */
    AT_RISK,
    /** It ended without a word. */
    LAPSED,
    /** Its peer gave the unit back. */
    RELEASED
  }

  /** Whether it counts now. */
  public boolean isLive() {
    return state != State.LAPSED && state != State.RELEASED;
  }
}
