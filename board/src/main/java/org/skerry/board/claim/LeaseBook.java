package org.skerry.board.claim;

import java.util.Comparator;
import java.util.List;
import org.skerry.board.document.Claim;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.merge.Board;

/**
 * What somebody who only watches a task knows of its claims. The longer it watches, the more it
 * knows: a claim seen for the first time gets its whole lease. Safe for any thread.
 */
public final class LeaseBook {
  private final Liveness liveness = new Liveness();

  /**
   * Takes a newer snapshot of a unit's board.
   *
   * @return its claims, those that count first and among them the longest tenure first
   */
  public synchronized List<Lease> observe(Board board, long nowMs) {
    liveness.observe(board, nowMs);
    return board.claims().stream()
        .map(SignedDocument::document)
        .map(claim -> lease(board, claim, nowMs))
        .sorted(
            Comparator.comparing((Lease lease) -> !lease.isLive())
                .thenComparingLong(lease -> lease.claim().claimedAtMs())
                .thenComparing(lease -> lease.claim().peer()))
        .toList();
  }

  private Lease lease(Board board, Claim claim, long nowMs) {
    boolean live =
        liveness.live(board.unit(), nowMs).stream().anyMatch(l -> l.peer().equals(claim.peer()));
    long endsAtMs = liveness.endsAtMs(claim);
    // A healthy lease is renewed every third of it, and seen a little later.
    boolean late = endsAtMs - nowMs < claim.leaseMs() / 2;
    Lease.State state =
        claim.isRelease()
            ? Lease.State.RELEASED
            : !live
                ? Lease.State.LAPSED
                : late
                    ? Lease.State.AT_RISK
                    : claim.step() > 0
                        ? Lease.State.TRAINING
                        : claim.fetchedBytes() > 0 ? Lease.State.FETCHING : Lease.State.CLAIMED;
    return new Lease(claim, state, endsAtMs);
  }
}
