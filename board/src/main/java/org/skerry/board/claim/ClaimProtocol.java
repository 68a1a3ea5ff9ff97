package org.skerry.board.claim;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.Claim;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.UnitKind;
import org.skerry.board.merge.Board;
import org.skerry.board.merge.Rendezvous;
import org.skerry.libp2p.PeerId;

/**
 * Decides which unit of a task this peer works on. Sans-IO: boards and the time go in, one action
 * comes out; the driver posts what the action says, and asks again at the time it names (or
 * earlier: asking often is harmless).
 *
 * <pre>
 *   state      event                                    action    next state
 *   idle       no eligible unit wants a peer, or one    Wait      idle
 *              does and this peer's turn has not come
 *   idle       one does, and it has                     Take      claiming
 *   claiming   settling time not over                   Keep      claiming (do not work yet)
 *   claiming   settled, our claim is not on the board   Renew     claiming
 *   claiming   settled, among the first r               Renew     holding (work)
 *   claiming   settled, not among them                  Yield     idle
 *   holding    not among the first r                    Yield     idle
 *   holding    no progress for the stall limit          Release   idle, and not this unit for a while
 *   holding    a third of the lease since the last one  Renew     holding
 *   holding    otherwise                                Keep      holding
 *   any held   the unit is no longer eligible           Release   idle
 *   any held   {@link #release}                         Release   idle
 * </pre>
 *
 * <p>A first claim has a short lease, so that who dies while it settles leaves no hole of a whole
 * one. When a lease ends, those who stand by do not all claim: each waits for a part of {@link
 * #spreadMs} that its rendezvous rank says, few of them a small part, and whoever sees another's
 * claim by then stays idle.
 *
 * <p>One driver thread owns it.
 */
public final class ClaimProtocol {
  /** A slow machine needs this long from its first claim to the next. */
  private static final long LEAST_FIRST_LEASE_MS = 15_000;

  /** There was room when this peer looked first. */
  private static final long FROM_THE_START = Long.MIN_VALUE;

  private enum State {
    IDLE,
    CLAIMING,
    HOLDING
  }

  private final Task task;
  private final PeerId self;
  private final long settleMs;
  private final Map<Integer, Long> roomSinceMs = new HashMap<>();

  /** When the lease ends that leaves room at a unit which has none. */
  private final Map<Integer, Long> roomExpectedMs = new HashMap<>();

  private final Liveness liveness = new Liveness();

  private State state = State.IDLE;
  private int unit = -1;
  private long claimedAtMs;
  private long settledAtMs;
  private long renewedAtMs;
  private Optional<SignedDocument<Attestation>> standing = Optional.empty();

  /**
   * @param settleMs how long a claim takes to be seen by everybody and theirs by us; at most a
   *     third of the lease is used
   */
  public ClaimProtocol(Task task, PeerId self, long settleMs) {
    this.task = task;
    this.self = self;
    this.settleMs = Math.max(1, Math.min(settleMs, renewalMs()));
  }

  private long renewalMs() {
    return task.leaseMs() / 3;
  }

  private long firstLeaseMs() {
    return Math.min(task.leaseMs(), Math.max(LEAST_FIRST_LEASE_MS, 4 * settleMs));
  }

  /** How long those who stand by take to come forward, one after the other. */
  private long spreadMs() {
    return task.leaseMs() / 40;
  }

  /** The unit this peer works on: it has settled and was not given up. */
  public Optional<Integer> heldUnit() {
    return state == State.HOLDING ? Optional.of(unit) : Optional.empty();
  }

  /** The unit this peer has a claim on, settled or not. */
  public Optional<Integer> claimedUnit() {
    return state == State.IDLE ? Optional.empty() : Optional.of(unit);
  }

  /** As {@link #next(Map, Collection, long)} where every unit suits this computer the same. */
  public ClaimAction next(Set<Integer> eligible, Collection<Board> boards, long nowMs) {
    return next(even(eligible), boards, nowMs);
  }

  /**
   * What to do now.
   *
   * @param eligible units this peer could train and that are not finished, and how they suit it
   * @param boards newest snapshot of each unit's board; an eligible unit without one is left alone
   */
  public ClaimAction next(Map<Integer, Fit> eligible, Collection<Board> boards, long nowMs) {
    Map<Integer, Board> byUnit = byUnit(boards, nowMs);
    if (state == State.IDLE) {
      return choose(eligible, byUnit, nowMs);
    }
    Board board = byUnit.get(unit);
    if (!eligible.containsKey(unit)) {
      return release(ClaimAction.Why.NOT_ELIGIBLE);
    }
    if (board == null) {
      return keepOrRenew(nowMs);
    }
    return state == State.CLAIMING ? settle(board, nowMs) : hold(board, nowMs);
  }

  /** Gives the unit back. */
  public ClaimAction release() {
    if (state == State.IDLE) {
      throw new IllegalStateException("there is no claim to release in state " + state);
    }
    return release(ClaimAction.Why.ASKED);
  }

  private ClaimAction release(ClaimAction.Why why) {
    state = State.IDLE;
    return new ClaimAction.Release(unit, claimedAtMs, why);
  }

  /**
   * The claim that {@code action} asks the driver to sign and post, if it asks for one.
   *
   * @param sequence durable before it is signed
   */
  public Optional<Claim> claim(ClaimAction action, Progress progress, long sequence, long nowMs) {
    long leaseMs = task.leaseMs();
    return switch (action) {
      case ClaimAction.Wait ignored -> Optional.empty();
      case ClaimAction.Keep ignored -> Optional.empty();
      case ClaimAction.Take(int taken, long sinceMs, long ignored, var from) ->
          Optional.of(claim(taken, sinceMs, firstLeaseMs(), progress, sequence, nowMs));
      case ClaimAction.Renew(int held, long sinceMs, long ignored) ->
          Optional.of(claim(held, sinceMs, leaseMs, progress, sequence, nowMs));
      case ClaimAction.Yield(int lost, long sinceMs) ->
          Optional.of(claim(lost, sinceMs, 0, progress, sequence, nowMs));
      case ClaimAction.Release(int given, long sinceMs, var why) ->
          Optional.of(claim(given, sinceMs, 0, progress, sequence, nowMs));
    };
  }

  private Claim claim(
      int claimed, long sinceMs, long leaseMs, Progress progress, long sequence, long nowMs) {
    Optional<SignedDocument<Attestation>> earned = standing(claimed);
    return new Claim(
        task.id(),
        claimed,
        self,
        sequence,
        sinceMs,
        // A clock that was set back must not make the tenure begin after its claim.
        Math.max(sinceMs, nowMs),
        leaseMs,
        progress.device(),
        progress.samplesPerSecond(),
        progress.step(),
        progress.fetchedBytes(),
        leaseMs == 0 ? progress.newest().map(SignedDocument::id) : Optional.empty(),
        earned,
        earned.flatMap(ignored -> progress.newest()));
  }

  /** The last acceptance by a named evaluator of this peer's weights on {@code claimed}. */
  private Optional<SignedDocument<Attestation>> standing(int claimed) {
    return standing.filter(said -> said.document().unit() == claimed && !isNamed());
  }

  private boolean isNamed() {
    return task.publisher().equals(self) || task.policy().evaluators().contains(self);
  }

  /**
   * The unit that {@link #next} would take, were it called with the same now; empty when this peer
   * has a claim already.
   */
  public Optional<Integer> wouldTake(
      Map<Integer, Fit> eligible, Collection<Board> boards, long nowMs) {
    if (state != State.IDLE) {
      return Optional.empty();
    }
    Map<Integer, Board> byUnit = byUnit(boards, nowMs);
    return open(eligible, byUnit, nowMs).stream()
        .filter(board -> turnMs(board) <= nowMs)
        .min(preference(eligible, nowMs))
        .map(Board::unit);
  }

  /** As {@link #wouldTake(Map, Collection, long)} where every unit suits this computer the same. */
  public Optional<Integer> wouldTake(Set<Integer> eligible, Collection<Board> boards, long nowMs) {
    return wouldTake(even(eligible), boards, nowMs);
  }

  private static Map<Integer, Fit> even(Set<Integer> eligible) {
    return eligible.stream().collect(Collectors.toMap(index -> index, index -> Fit.EVEN));
  }

  private Map<Integer, Board> byUnit(Collection<Board> boards, long nowMs) {
    Map<Integer, Board> byUnit = new TreeMap<>();
    for (Board board : boards) {
      boolean looksFirst = !liveness.hasSeen(board.unit());
      liveness.observe(board, nowMs);
      byUnit.put(board.unit(), board);
      noteRoom(board.unit(), looksFirst, nowMs);
      Precedence.accepted(board)
          .filter(said -> said.document().manifest().signer().equals(self))
          .forEach(this::rememberStanding);
    }
    return byUnit;
  }

  private void noteRoom(int index, boolean looksFirst, long nowMs) {
    long[] ends = others(index, nowMs).stream().mapToLong(liveness::endsAtMs).sorted().toArray();
    if (ends.length >= task.redundancy()) {
      roomSinceMs.remove(index);
      roomExpectedMs.put(index, ends[ends.length - task.redundancy()]);
    } else {
      Long expectedMs = roomExpectedMs.remove(index);
      long sinceMs = expectedMs == null ? nowMs : Math.min(nowMs, expectedMs);
      roomSinceMs.putIfAbsent(index, looksFirst ? FROM_THE_START : sinceMs);
    }
  }

  private void rememberStanding(SignedDocument<Attestation> said) {
    boolean newer =
        standing
            .filter(known -> known.document().unit() == said.document().unit())
            .filter(known -> known.document().issuedAtMs() >= said.document().issuedAtMs())
            .isEmpty();
    if (newer && (state == State.IDLE || said.document().unit() == unit)) {
      standing = Optional.of(said);
    }
  }

  private List<Board> open(Map<Integer, Fit> eligible, Map<Integer, Board> boards, long nowMs) {
    return boards.values().stream()
        .filter(board -> eligible.containsKey(board.unit()))
        .filter(board -> liveOthers(board, nowMs) < task.redundancy())
        .filter(board -> !liveness.hasStalled(board.unit(), self, nowMs))
        .toList();
  }

  private ClaimAction choose(Map<Integer, Fit> eligible, Map<Integer, Board> boards, long nowMs) {
    List<Board> open = open(eligible, boards, nowMs);
    Optional<Board> best =
        open.stream().filter(board -> turnMs(board) <= nowMs).min(preference(eligible, nowMs));
    if (best.isEmpty()) {
      long turnMs = open.stream().mapToLong(this::turnMs).min().orElse(Long.MAX_VALUE);
      long lookMs = Math.min(nowMs + renewalMs(), nextTurnMs(eligible.keySet()));
      return new ClaimAction.Wait(Math.min(lookMs, turnMs));
    }
    Board board = best.get();
    state = State.CLAIMING;
    unit = board.unit();
    claimedAtMs = nowMs;
    renewedAtMs = nowMs;
    settledAtMs = nowMs + settleMs;
    return new ClaimAction.Take(
        unit, claimedAtMs, settledAtMs, liveness.lastToLapse(unit, self, nowMs));
  }

  /** When this peer may come forward for a unit that has room. */
  private long turnMs(Board board) {
    long sinceMs = roomSinceMs.getOrDefault(board.unit(), FROM_THE_START);
    return sinceMs == FROM_THE_START || hasOwnUnreleased(board)
        ? FROM_THE_START
        : sinceMs + partOfSpreadMs(board.unit());
  }

  /** When this peer may come forward for the unit whose lease ends first, if it is not renewed. */
  private long nextTurnMs(Set<Integer> eligible) {
    return roomExpectedMs.entrySet().stream()
        .filter(entry -> eligible.contains(entry.getKey()))
        .mapToLong(entry -> entry.getValue() + partOfSpreadMs(entry.getKey()))
        .min()
        .orElse(Long.MAX_VALUE);
  }

  private long partOfSpreadMs(int index) {
    return Math.round(spreadMs() * Math.cbrt(fraction(index)));
  }

  /** This peer's rank at {@code index} as a number in [0, 1). */
  private double fraction(int index) {
    return Rendezvous.fraction(task.id(), index, self);
  }

  /**
   * What this peer worked on before it was restarted first, for it has a checkpoint there; then the
   * emptiest, experts before the router, in this peer's own shuffle of the units, in which a unit
   * that it would finish sooner tends to stand first: weighted rendezvous hashing (Schindelhauer
   * and Schomaker, 2005), -ln(1 - rank) / weight.
   */
  private Comparator<Board> preference(Map<Integer, Fit> fits, long nowMs) {
    return Comparator.comparing((Board board) -> !hasOwnUnreleased(board))
        .thenComparingLong(board -> liveOthers(board, nowMs))
        .thenComparing(board -> task.unit(board.unit()).kind() != UnitKind.EXPERT)
        .thenComparingDouble(board ->
            -Math.log1p(-fraction(board.unit()))
                / fits.getOrDefault(board.unit(), Fit.EVEN).weight());
  }

  private boolean hasOwnUnreleased(Board board) {
    return board.claims().stream()
        .map(SignedDocument::document)
        .anyMatch(claim -> claim.peer().equals(self) && !claim.isRelease());
  }

  private long liveOthers(Board board, long nowMs) {
    return others(board.unit(), nowMs).size();
  }

  private List<Claim> others(int index, long nowMs) {
    return liveness.live(index, nowMs).stream()
        .filter(claim -> !claim.peer().equals(self))
        .toList();
  }

  private ClaimAction settle(Board board, long nowMs) {
    if (nowMs < settledAtMs) {
      return new ClaimAction.Keep(unit, settledAtMs);
    }
    List<Claim> order = order(board, nowMs);
    if (position(order) < 0) {
      // Lost on its way, or the board is full of better ranks: say it again, or leave it to them.
      if (order.size() >= task.redundancy()) {
        return yieldUnit(nowMs);
      }
      settledAtMs = nowMs + settleMs;
      return renew(nowMs);
    }
    if (position(order) >= task.redundancy()) {
      return yieldUnit(nowMs);
    }
    state = State.HOLDING;
    return renew(nowMs);
  }

  private ClaimAction hold(Board board, long nowMs) {
    if (liveness.hasStalled(unit, self, nowMs)) {
      return release(ClaimAction.Why.STALLED);
    }
    List<Claim> order = order(board, nowMs);
    int position = position(order);
    boolean crowdedOut =
        position < 0 ? order.size() >= task.redundancy() : position >= task.redundancy();
    return crowdedOut ? yieldUnit(nowMs) : keepOrRenew(nowMs);
  }

  private List<Claim> order(Board board, long nowMs) {
    return Precedence.sorted(board, liveness.live(board.unit(), nowMs));
  }

  private int position(List<Claim> order) {
    for (int i = 0; i < order.size(); i++) {
      // A claim of an earlier tenure, live though we restarted since, is not the one we wait for.
      if (order.get(i).peer().equals(self) && order.get(i).claimedAtMs() == claimedAtMs) {
        return i;
      }
    }
    return -1;
  }

  private ClaimAction keepOrRenew(long nowMs) {
    long dueMs = renewedAtMs + renewalMs();
    return nowMs >= dueMs ? renew(nowMs) : new ClaimAction.Keep(unit, dueMs);
  }

  private ClaimAction renew(long nowMs) {
    renewedAtMs = nowMs;
    long untilMs = state == State.CLAIMING ? settledAtMs : nowMs + renewalMs();
    return new ClaimAction.Renew(unit, claimedAtMs, untilMs);
  }

  private ClaimAction yieldUnit(long nowMs) {
    state = State.IDLE;
    // Whoever else lost looks at the same units now.
    roomSinceMs.replaceAll((index, sinceMs) -> sinceMs == FROM_THE_START ? nowMs : sinceMs);
    return new ClaimAction.Yield(unit, claimedAtMs);
  }
}
