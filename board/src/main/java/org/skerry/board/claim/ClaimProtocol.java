package org.skerry.board.claim;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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
 *   idle       no eligible unit wants a peer            Wait      idle
 *   idle       one does                                 Take      claiming
 *   claiming   settling time not over                   Keep      claiming (do not work yet)
 *   claiming   settled, our claim is not on the board   Renew     claiming
 *   claiming   settled, among the first r               Keep      holding
 *   claiming   settled, not among them                  Yield     idle
 *   holding    not among the first r                    Yield     idle
 *   holding    a third of the lease since the last one  Renew     holding
 *   holding    otherwise                                Keep      holding
 *   any held   the unit is no longer eligible           Release   idle
 *   any held   {@link #release}                         Release   idle
 * </pre>
 *
 * <p>One driver thread owns it.
 */
public final class ClaimProtocol {
  private enum State {
    IDLE,
    CLAIMING,
    HOLDING
  }

  private final Task task;
  private final PeerId self;
  private final long settleMs;
  private final Liveness liveness = new Liveness();

  private State state = State.IDLE;
  private int unit = -1;
  private long claimedAtMs;
  private long settledAtMs;
  private long renewedAtMs;

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

  /** The unit this peer works on: it has settled and was not given up. */
  public Optional<Integer> heldUnit() {
    return state == State.HOLDING ? Optional.of(unit) : Optional.empty();
  }

  /** The unit this peer has a claim on, settled or not. */
  public Optional<Integer> claimedUnit() {
    return state == State.IDLE ? Optional.empty() : Optional.of(unit);
  }

  /**
   * What to do now.
   *
   * @param eligible units this peer could train and that are not finished
   * @param boards newest snapshot of each unit's board; an eligible unit without one is left alone
   */
  public ClaimAction next(Set<Integer> eligible, Collection<Board> boards, long nowMs) {
    Map<Integer, Board> byUnit = byUnit(boards, nowMs);
    if (state == State.IDLE) {
      return choose(eligible, byUnit, nowMs);
    }
    Board board = byUnit.get(unit);
    if (!eligible.contains(unit)) {
      return release();
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
    state = State.IDLE;
    return new ClaimAction.Release(unit, claimedAtMs);
  }

  /**
   * The claim that {@code action} asks the driver to sign and post, if it asks for one.
   *
   * @param sequence durable before it is signed
   */
  public Optional<Claim> claim(ClaimAction action, Progress progress, long sequence, long nowMs) {
    return switch (action) {
      case ClaimAction.Wait ignored -> Optional.empty();
      case ClaimAction.Keep ignored -> Optional.empty();
      case ClaimAction.Take take ->
          Optional.of(
              claim(take.unit(), take.claimedAtMs(), task.leaseMs(), progress, sequence, nowMs));
      case ClaimAction.Renew renew ->
          Optional.of(
              claim(renew.unit(), renew.claimedAtMs(), task.leaseMs(), progress, sequence, nowMs));
      case ClaimAction.Yield lost ->
          Optional.of(claim(lost.unit(), lost.claimedAtMs(), 0, progress, sequence, nowMs));
      case ClaimAction.Release given ->
          Optional.of(claim(given.unit(), given.claimedAtMs(), 0, progress, sequence, nowMs));
    };
  }

  private Claim claim(
      int claimed, long sinceMs, long leaseMs, Progress progress, long sequence, long nowMs) {
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
        progress.step());
  }

  /**
   * The unit that {@link #next} would take, were it called with the same now; empty when this peer
   * has a claim already.
   */
  public Optional<Integer> wouldTake(Set<Integer> eligible, Collection<Board> boards, long nowMs) {
    return state == State.IDLE
        ? best(eligible, byUnit(boards, nowMs), nowMs).map(Board::unit)
        : Optional.empty();
  }

  private Map<Integer, Board> byUnit(Collection<Board> boards, long nowMs) {
    Map<Integer, Board> byUnit = new TreeMap<>();
    for (Board board : boards) {
      liveness.observe(board, nowMs);
      byUnit.put(board.unit(), board);
    }
    return byUnit;
  }

  private Optional<Board> best(Set<Integer> eligible, Map<Integer, Board> boards, long nowMs) {
    return boards.values().stream()
        .filter(board -> eligible.contains(board.unit()))
        .filter(board -> liveOthers(board, nowMs) < task.redundancy())
        .min(preference(nowMs));
  }

  private ClaimAction choose(Set<Integer> eligible, Map<Integer, Board> boards, long nowMs) {
    Optional<Board> best = best(eligible, boards, nowMs);
    if (best.isEmpty()) {
      return new ClaimAction.Wait(Math.min(nowMs + renewalMs(), nextLapse(boards, nowMs)));
    }
    Board board = best.get();
    state = State.CLAIMING;
    unit = board.unit();
    claimedAtMs = nowMs;
    renewedAtMs = nowMs;
    settledAtMs = nowMs + settleMs;
    return new ClaimAction.Take(
        unit, claimedAtMs, settledAtMs, liveness.lastToLapse(board, self, nowMs));
  }

  /**
   * What this peer worked on before it was restarted first, for it has a checkpoint there; then the
   * emptiest, experts before the router, in this peer's own shuffle of the units.
   */
  private Comparator<Board> preference(long nowMs) {
    return Comparator.comparing((Board board) -> !hasOwnUnreleased(board))
        .thenComparingLong(board -> liveOthers(board, nowMs))
        .thenComparing(board -> task.unit(board.unit()).kind() != UnitKind.EXPERT)
        .thenComparing(
            board -> Rendezvous.rank(task.id(), board.unit(), self), Arrays::compareUnsigned);
  }

  private boolean hasOwnUnreleased(Board board) {
    return board.claims().stream()
        .map(SignedDocument::document)
        .anyMatch(claim -> claim.peer().equals(self) && !claim.isRelease());
  }

  private long liveOthers(Board board, long nowMs) {
    return liveness.live(board, nowMs).stream().filter(claim -> !claim.peer().equals(self)).count();
  }

  private long nextLapse(Map<Integer, Board> boards, long nowMs) {
    return boards.values().stream()
        .flatMap(board -> liveness.live(board, nowMs).stream())
        .mapToLong(liveness::endsAtMs)
        .min()
        .orElse(Long.MAX_VALUE);
  }

  private ClaimAction settle(Board board, long nowMs) {
    if (nowMs < settledAtMs) {
      return new ClaimAction.Keep(unit, settledAtMs);
    }
    List<Claim> order = order(board, nowMs);
    if (position(order) < 0) {
      // Lost on its way, or the board is full of better ranks: say it again, or leave it to them.
      if (order.size() >= task.redundancy()) {
        return yieldUnit();
      }
      settledAtMs = nowMs + settleMs;
      return renew(nowMs);
    }
    if (position(order) >= task.redundancy()) {
      return yieldUnit();
    }
    state = State.HOLDING;
    return keepOrRenew(nowMs);
  }

  private ClaimAction hold(Board board, long nowMs) {
    List<Claim> order = order(board, nowMs);
    int position = position(order);
    boolean crowdedOut =
        position < 0 ? order.size() >= task.redundancy() : position >= task.redundancy();
    return crowdedOut ? yieldUnit() : keepOrRenew(nowMs);
  }

  private List<Claim> order(Board board, long nowMs) {
    return Precedence.sorted(board, liveness.live(board, nowMs));
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

  private ClaimAction yieldUnit() {
    state = State.IDLE;
    return new ClaimAction.Yield(unit, claimedAtMs);
  }
}
