package org.skerry.board.claim;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.skerry.board.document.AcceptancePolicy;
import org.skerry.board.document.Claim;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Verdict;
import org.skerry.board.merge.Board;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;

/**
 * Remembers what this reader saw of each claim, and says until when it counts. All times are the
 * reader's own: a claim ends when it has not changed for its lease, whatever its author's clock
 * says, and at the latest when its own clock plus lease plus {@link #SKEW_MS} is over, so that an
 * old one that somebody shows again does not begin anew.
 *
 * <p>Presence alone does not last: a claim whose counters ({@link Progress}) did not grow ends
 * {@link #stallLimitMs} after they last did, that is, a lease without progress is renewed once.
 * Until the first step of a tenure it has {@link #startUpLimitMs} since the last byte it fetched. A
 * peer that stalled is not believed again for beginning another tenure; it is for growing.
 *
 * <p>Whoever has published the last weights of the recipe in this tenure has no step left to make:
 * it does not stall while the task's evaluators have not refused them.
 *
 * <p>A claim at work that vanishes from the board without a release counts on until its lease ends,
 * for a flood of other claims could have crowded it off.
 *
 * <p>One owner; not thread-safe.
 */
final class Liveness {
  /** How far honest peers' clocks may be apart. */
  static final long SKEW_MS = 10 * 60 * 1000;

  private static final long LEAST_STALL_MS = 60_000;
  private static final long LEAST_START_UP_MS = 10 * 60 * 1000;

  /** Far more than a board has room for; those on the board are never forgotten. */
  private static final int MAX_REMEMBERED = 64;

  /** How long work that has begun may show no progress. */
  static long stallLimitMs(long leaseMs) {
    return Math.max(2 * leaseMs, LEAST_STALL_MS);
  }

  /** How long the first step of a tenure may take after the last byte was fetched. */
  static long startUpLimitMs(long leaseMs) {
    return Math.max(6 * leaseMs, LEAST_START_UP_MS);
  }

  /**
   * A peer's last word on a unit.
   *
   * @param seenAtMs the earliest time at which it can have been on the board
   * @param progressedAtMs likewise of the last one that showed progress
   * @param working whether a step was made in this tenure
   * @param stalled whether it was renewed for longer than it may without growing
   * @param present whether the board still shows it
   * @param done whether its last weights wait for the evaluators, or were accepted
   */
  private record Sighting(
      Claim claim,
      long seenAtMs,
      long progressedAtMs,
      boolean working,
      boolean stalled,
      boolean present,
      boolean done,
      long taskLeaseMs) {

    static Sighting first(Claim claim, long atMs, long taskLeaseMs) {
      return new Sighting(claim, atMs, atMs, false, false, true, false, taskLeaseMs);
    }

    long stallsAtMs() {
      return done
          ? Long.MAX_VALUE
          : progressedAtMs + (working ? stallLimitMs(taskLeaseMs) : startUpLimitMs(taskLeaseMs));
    }

    long unchangedEndMs() {
      return Math.min(seenAtMs + claim.leaseMs(), claim.issuedAtMs() + claim.leaseMs() + SKEW_MS);
    }

    long endsAtMs() {
      return Math.min(unchangedEndMs(), stallsAtMs());
    }

    /** Whether it could be shown again and be taken for live by who had forgotten it. */
    boolean canReturn(long nowMs) {
      return nowMs < claim.issuedAtMs() + taskLeaseMs + SKEW_MS;
    }

    boolean isLive(long nowMs) {
      return !claim.isRelease()
          && nowMs < endsAtMs()
          && claim.issuedAtMs() <= nowMs + SKEW_MS
          && (present || working);
    }

    /** Whether at {@code atMs} it was still renewed and had not grown for too long. */
    boolean hasStalled(long atMs) {
      return stalled || (stallsAtMs() <= unchangedEndMs() && atMs >= stallsAtMs());
    }

    Sighting with(boolean nowPresent, boolean nowDone) {
      return new Sighting(
          claim, seenAtMs, progressedAtMs, working, stalled, nowPresent, nowDone, taskLeaseMs);
    }

    /** What is known after {@code later}, which appeared at {@code atMs}. */
    Sighting then(Claim later, long atMs) {
      boolean stepped = later.step() > claim.step();
      boolean grew = stepped || later.fetchedBytes() > claim.fetchedBytes();
      boolean stalledSoFar = hasStalled(atMs) && !grew;
      boolean sameTenure = !claim.isRelease() && later.claimedAtMs() == claim.claimedAtMs();
      boolean unforgiven =
          stalledSoFar && (sameTenure || atMs - startUpLimitMs(taskLeaseMs) < stallsAtMs());
      if (!sameTenure && !later.isRelease() && !unforgiven) {
        return first(later, atMs, taskLeaseMs);
      }
      return new Sighting(
          later,
          atMs,
          grew ? atMs : progressedAtMs,
          working || stepped,
          unforgiven,
          true,
          false,
          taskLeaseMs);
    }
  }

  private final Map<Integer, Map<PeerId, Sighting>> sightings = new HashMap<>();
  private final Map<Integer, Long> lookedAtMs = new HashMap<>();

  /** How much later than its own clock says each peer's claims appear here, at the best. */
  private final Map<PeerId, Long> clockOffsetMs = new HashMap<>();

  /** Takes a newer snapshot of a unit's board. */
  void observe(Board board, long nowMs) {
    Map<PeerId, Sighting> unit =
        sightings.computeIfAbsent(board.unit(), any -> new LinkedHashMap<>());
    long lastLookMs = Math.min(nowMs, lookedAtMs.getOrDefault(board.unit(), nowMs));
    long leaseMs = board.charter().document().leaseMs();
    Set<PeerId> present = new HashSet<>();
    for (SignedDocument<Claim> signed : board.claims()) {
      Claim claim = signed.document();
      present.add(claim.peer());
      Sighting known = unit.get(claim.peer());
      if (known == null || claim.sequence() > known.claim().sequence()) {
        long atMs = appearedAtMs(claim, lastLookMs, nowMs);
        unit.put(
            claim.peer(),
            known == null ? Sighting.first(claim, atMs, leaseMs) : known.then(claim, atMs));
      }
    }
    unit.replaceAll((peer, sighting) ->
        sighting.with(present.contains(peer), hasLastWeights(board, sighting.claim())));
    unit.values().removeIf(s -> !s.present() && !s.canReturn(nowMs));
    while (unit.size() > MAX_REMEMBERED && forgetOne(unit)) {}
    lookedAtMs.put(board.unit(), nowMs);
  }

  /**
   * An author's clock is off by a constant, so its promptest claim tells how long others waited.
   */
  private long appearedAtMs(Claim claim, long lastLookMs, long nowMs) {
    long offsetMs = clockOffsetMs.merge(claim.peer(), nowMs - claim.issuedAtMs(), Math::min);
    return Math.clamp(claim.issuedAtMs() + offsetMs, lastLookMs, nowMs);
  }

  private static boolean hasLastWeights(Board board, Claim claim) {
    return board.manifests().stream()
        .filter(weights -> weights.signer().equals(claim.peer()))
        .filter(weights -> weights.document().last())
        .filter(weights -> weights.document().issuedAtMs() >= claim.claimedAtMs())
        .anyMatch(weights -> !isRefused(board, weights.id()));
  }

  /** Whether so many named evaluators refused it that not enough are left to accept it. */
  private static boolean isRefused(Board board, Cid weights) {
    AcceptancePolicy policy = board.charter().document().policy();
    long refusals =
        board.attestations().stream()
            .filter(said -> policy.evaluators().contains(said.signer()))
            .filter(said -> said.document().manifest().id().equals(weights))
            .filter(said -> said.document().verdict() == Verdict.REFUSED)
            .count();
    return refusals > policy.evaluators().size() - policy.required();
  }

  private static boolean forgetOne(Map<PeerId, Sighting> unit) {
    Optional<PeerId> oldest =
        unit.values().stream()
            .filter(sighting -> !sighting.present())
            .map(Sighting::claim)
            .min(Comparator.comparingLong(Claim::issuedAtMs))
            .map(Claim::peer);
    oldest.ifPresent(unit::remove);
    return oldest.isPresent();
  }

  /** How many peers of {@code unit} are remembered. */
  int remembered(int unit) {
    return of(unit).size();
  }

  boolean hasSeen(int unit) {
    return lookedAtMs.containsKey(unit);
  }

  private Map<PeerId, Sighting> of(int unit) {
    return sightings.getOrDefault(unit, Map.of());
  }

  /** The claims on {@code unit} that count now. */
  List<Claim> live(int unit, long nowMs) {
    return of(unit).values().stream()
        .filter(sighting -> sighting.isLive(nowMs))
        .map(Sighting::claim)
        .toList();
  }

  /** When {@code claim}, as it was seen last, ends unless it is renewed. */
  long endsAtMs(Claim claim) {
    Sighting seen = of(claim.unit()).get(claim.peer());
    return seen == null ? claim.issuedAtMs() + claim.leaseMs() : seen.endsAtMs();
  }

  /** When {@code claim} ends unless it shows progress, however often it is renewed. */
  long stallsAtMs(Claim claim) {
    Sighting seen = of(claim.unit()).get(claim.peer());
    return seen == null ? Long.MAX_VALUE : seen.stallsAtMs();
  }

  /** Whether {@code peer} held {@code unit} to no purpose, not long ago. */
  boolean hasStalled(int unit, PeerId peer, long nowMs) {
    Sighting seen = of(unit).get(peer);
    return seen != null
        && seen.hasStalled(nowMs)
        && nowMs - startUpLimitMs(seen.taskLeaseMs()) < seen.stallsAtMs();
  }

  /** Who, other than {@code self}, let its lease on {@code unit} run out last. */
  Optional<PeerId> lastToLapse(int unit, PeerId self, long nowMs) {
    return of(unit).values().stream()
        .filter(sighting -> !sighting.isLive(nowMs))
        .map(Sighting::claim)
        .filter(claim -> !claim.isRelease() && !claim.peer().equals(self))
        .max(Comparator.comparingLong(Claim::issuedAtMs).thenComparing(Claim::peer))
        .map(Claim::peer);
  }
}
