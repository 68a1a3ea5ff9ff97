package org.skerry.board.claim;

import java.util.Optional;
import org.skerry.libp2p.PeerId;

/** What a peer does next about its claim. Units are indexes into the task's list. */
public sealed interface ClaimAction {

  /** Nothing to claim: look again at {@code untilMs}. */
  record Wait(long untilMs) implements ClaimAction {}

  /**
   * Post a first claim of {@code unit} and look again at {@code settledAtMs}.
   *
   * @param claimedAtMs to be repeated by every renewal of this tenure
   * @param takenOverFrom the peer whose lease on the unit ended last, if one had been there
   */
  record Take(int unit, long claimedAtMs, long settledAtMs, Optional<PeerId> takenOverFrom)
      implements ClaimAction {}

  /** Nothing changes about the unit: look again at {@code untilMs}. */
  record Keep(int unit, long untilMs) implements ClaimAction {}

  /** Post the claim again with fresh progress, and look again at {@code untilMs}. */
  record Renew(int unit, long claimedAtMs, long untilMs) implements ClaimAction {}

  /** Stop work: others were first. Post a release (a claim with no lease). */
  record Yield(int unit, long claimedAtMs) implements ClaimAction {}

  /** Stop work, with a final checkpoint where there is one, and post a release that names it. */
  record Release(int unit, long claimedAtMs, Why why) implements ClaimAction {}

  /** Why a unit is given back. */
  enum Why {
    /** The unit is finished, or no longer for this peer. */
    NOT_ELIGIBLE,
    /** The work made no progress for so long that nobody counts the claim any more. */
    STALLED,
    /** Its owner wanted it so. */
    ASKED
  }
}
