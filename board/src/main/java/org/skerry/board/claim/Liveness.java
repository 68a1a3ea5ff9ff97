package org.skerry.board.claim;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.skerry.board.document.Claim;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.merge.Board;
import org.skerry.libp2p.PeerId;

/**
 * Remembers when this reader first saw each claim as it is now. A claim is live when it has a
 * lease, its own clock is within the skew allowance of ours, and we have not seen it unchanged for
 * longer than its lease: so a dead peer's claim ends by our clock, whatever the dead peer's clock
 * said.
 *
 * <p>Owned by one {@link ClaimProtocol}; not thread-safe.
 */
final class Liveness {
  /** How far honest peers' clocks may be apart. */
  static final long SKEW_MS = 10 * 60 * 1000;

  private record Place(int unit, PeerId peer) {}

  private record Sighting(long sequence, long firstSeenMs) {}

  private final Map<Place, Sighting> sightings = new HashMap<>();

  /** Takes a newer snapshot of a unit's board, and forgets who is no longer on it. */
  void observe(Board board, long nowMs) {
    Set<Place> present = new HashSet<>();
    for (SignedDocument<Claim> signed : board.claims()) {
      Claim claim = signed.document();
      Place place = new Place(board.unit(), claim.peer());
      present.add(place);
      Sighting seen = sightings.get(place);
      if (seen == null || claim.sequence() > seen.sequence()) {
        sightings.put(place, new Sighting(claim.sequence(), nowMs));
      }
    }
    sightings.keySet().removeIf(p -> p.unit() == board.unit() && !present.contains(p));
  }

  boolean isLive(Claim claim, long nowMs) {
    return !claim.isRelease() && nowMs < endsAtMs(claim) && claim.issuedAtMs() <= nowMs + SKEW_MS;
  }

  /** When the claim ends by this reader's clock, unless it is renewed. */
  long endsAtMs(Claim claim) {
    Sighting seen = sightings.get(new Place(claim.unit(), claim.peer()));
    long unchangedUntil = seen == null ? Long.MAX_VALUE : seen.firstSeenMs() + claim.leaseMs();
    return Math.min(unchangedUntil, claim.issuedAtMs() + claim.leaseMs() + SKEW_MS);
  }

  List<Claim> live(Board board, long nowMs) {
    return board.claims().stream()
        .map(SignedDocument::document)
        .filter(claim -> isLive(claim, nowMs))
        .toList();
  }

  /** Who, other than {@code self}, let its lease run out last. */
  Optional<PeerId> lastToLapse(Board board, PeerId self, long nowMs) {
    return board.claims().stream()
        .map(SignedDocument::document)
        .filter(claim -> !claim.isRelease() && !claim.peer().equals(self))
        .filter(claim -> !isLive(claim, nowMs))
        .max(Comparator.comparingLong(Claim::issuedAtMs).thenComparing(Claim::peer))
        .map(Claim::peer);
  }
}
