package org.skerry.board.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.skerry.board.document.Samples.EVALUATOR;
import static org.skerry.board.document.Samples.LEASE_MS;
import static org.skerry.board.document.Samples.NOW;
import static org.skerry.board.document.Samples.VOLUNTEER;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.skerry.board.document.Claim;
import org.skerry.board.document.Samples;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.merge.Board;
import org.skerry.board.merge.Standings;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;

final class ClaimProtocolTest {
  private static final PeerId SELF = Samples.peer(VOLUNTEER);
  private static final PrivateKey OTHER = Samples.key(50);
  private static final long SETTLE_MS = 5_000;
  private static final Set<Integer> EXPERT_0 = Set.of(0);

  private final Task task = Samples.task(Samples.policy(), 1);
  private final ClaimProtocol protocol = new ClaimProtocol(task, SELF, SETTLE_MS);

  private Board board(List<SignedDocument<Claim>> claims) {
    Board board = Board.empty(task.charter(), 0);
    for (SignedDocument<Claim> claim : claims) {
      board = board.with(claim);
    }
    return board;
  }

  private SignedDocument<Claim> claim(
      PrivateKey key, long claimedAtMs, long issuedAtMs, long leaseMs, long step) {
    return SignedDocument.seal(
        key,
        new Claim(
            task.id(),
            0,
            Samples.peer(key),
            issuedAtMs,
            claimedAtMs,
            issuedAtMs,
            leaseMs,
            "cpu",
            1,
            step));
  }

  private SignedDocument<Claim> first(PrivateKey key, long atMs) {
    return claim(key, atMs, atMs, LEASE_MS, 0);
  }

  private ClaimAction next(long nowMs, List<SignedDocument<Claim>> claims) {
    return protocol.next(EXPERT_0, List.of(board(claims)), nowMs);
  }

  @Test
  void claimsSettlesKeepsAndRenewsAtAThirdOfTheLease() {
    assertThat(next(NOW, List.of()))
        .isEqualTo(new ClaimAction.Take(0, NOW, NOW + SETTLE_MS, Optional.empty()));
    var mine = List.of(first(VOLUNTEER, NOW));
    assertThat(next(NOW + 1, mine)).isEqualTo(new ClaimAction.Keep(0, NOW + SETTLE_MS));
    assertThat(protocol.heldUnit()).as("not settled yet").isEmpty();
    long settled = NOW + SETTLE_MS;
    assertThat(next(settled, mine))
        .as("the first lease was short")
        .isEqualTo(new ClaimAction.Renew(0, NOW, settled + LEASE_MS / 3));
    assertThat(protocol.heldUnit()).contains(0);
    var renewed = List.of(claim(VOLUNTEER, NOW, settled, LEASE_MS, 0));
    assertThat(next(settled + 1, renewed))
        .isEqualTo(new ClaimAction.Keep(0, settled + LEASE_MS / 3));
    assertThat(next(settled + LEASE_MS / 3, renewed))
        .isEqualTo(new ClaimAction.Renew(0, NOW, settled + 2 * (LEASE_MS / 3)));
  }

  @Test
  void whatItWouldTakeIsWhatItTakesAndAskingChangesNothing() {
    var free = List.of(board(List.of()));
    assertThat(protocol.wouldTake(EXPERT_0, free, NOW)).contains(0);
    assertThat(protocol.wouldTake(EXPERT_0, free, NOW)).contains(0);
    assertThat(protocol.claimedUnit()).isEmpty();
    assertThat(protocol.wouldTake(EXPERT_0, List.of(board(List.of(first(OTHER, NOW)))), NOW))
        .isEmpty();
    long later = NOW + 2 * LEASE_MS;
    assertThat(next(later, List.of())).isInstanceOf(ClaimAction.Take.class);
    assertThat(protocol.wouldTake(EXPERT_0, free, later)).isEmpty();
  }

  @Test
  void waitsForItsTurnAfterALeaseEndsWhenNothingIsFree() {
    assertThat(next(NOW, List.of(first(OTHER, NOW))))
        .isEqualTo(new ClaimAction.Wait(NOW + LEASE_MS / 3));
    assertThat(next(NOW + LEASE_MS - 5, List.of(first(OTHER, NOW))))
        .isInstanceOfSatisfying(
            ClaimAction.Wait.class,
            wait ->
                assertThat(wait.untilMs())
                    .as("its turn after that")
                    .isBetween(NOW + LEASE_MS, NOW + LEASE_MS + LEASE_MS / 40));
  }

  @Test
  void takesOverWhenAClaimWasSeenUnchangedForItsLeaseAndItsTurnHasCome() {
    var dead = List.of(first(OTHER, NOW));
    assertThat(next(NOW, dead)).isInstanceOf(ClaimAction.Wait.class);
    assertThat(next(NOW + LEASE_MS, dead)).isInstanceOf(ClaimAction.Wait.class);
    long turn = NOW + LEASE_MS + LEASE_MS / 40;
    assertThat(next(turn, dead))
        .isEqualTo(
            new ClaimAction.Take(0, turn, turn + SETTLE_MS, Optional.of(Samples.peer(OTHER))));
  }

  @Test
  void givesAnUnknownClaimItsWholeLeaseFromTheFirstSight() {
    var old = List.of(first(OTHER, NOW - LEASE_MS));
    assertThat(next(NOW, old)).isInstanceOf(ClaimAction.Wait.class);
    assertThat(next(NOW + LEASE_MS - 1, old)).isInstanceOf(ClaimAction.Wait.class);
    assertThat(next(NOW + LEASE_MS, old)).isInstanceOf(ClaimAction.Wait.class);
    assertThat(next(NOW + LEASE_MS + LEASE_MS / 40, old)).isInstanceOf(ClaimAction.Take.class);
  }

  @Test
  void ignoresClaimsBeyondTheSkewAllowanceAndReleasedOnes() {
    var future = List.of(first(OTHER, NOW + Liveness.SKEW_MS + 1));
    assertThat(next(NOW, future)).isInstanceOf(ClaimAction.Take.class);
    var stale = List.of(first(OTHER, NOW - LEASE_MS - Liveness.SKEW_MS));
    assertThat(new ClaimProtocol(task, SELF, 1).next(EXPERT_0, List.of(board(stale)), NOW))
        .isInstanceOf(ClaimAction.Take.class);
    var released = List.of(claim(OTHER, NOW, NOW, 0, 10));
    assertThat(new ClaimProtocol(task, SELF, 1).next(EXPERT_0, List.of(board(released)), NOW))
        .isEqualTo(new ClaimAction.Take(0, NOW, NOW + 1, Optional.empty()));
  }

  @Test
  void yieldsToAClaimThatHasMadeProgress() {
    next(NOW, List.of());
    var both = List.of(first(VOLUNTEER, NOW), claim(OTHER, NOW - 100, NOW, LEASE_MS, 50));
    assertThat(next(NOW + SETTLE_MS, both)).isEqualTo(new ClaimAction.Yield(0, NOW));
    assertThat(protocol.claimedUnit()).isEmpty();
  }

  @Test
  void keepsTheUnitAgainstALatecomerWithoutProgress() {
    next(NOW, List.of());
    var mine = claim(VOLUNTEER, NOW, NOW + 1, LEASE_MS, 7);
    assertThat(next(NOW + SETTLE_MS, List.of(mine, first(OTHER, NOW + 2))))
        .isInstanceOf(ClaimAction.Renew.class);
  }

  @Test
  void putsAcceptedWeightsBeforeAnyClaimedStepAndOthersBeforeNone() {
    Board board =
        board(
                List.of(
                    claim(VOLUNTEER, NOW, NOW, LEASE_MS, 5),
                    claim(OTHER, NOW - 500, NOW, LEASE_MS, 1_000_000)))
            .with(
                SignedDocument.seal(
                    VOLUNTEER, Samples.weights(VOLUNTEER, task.id(), 0, NOW + 1, "w")));
    Liveness liveness = new Liveness();
    liveness.observe(board, NOW);
    assertThat(Precedence.sorted(board, liveness.live(0, NOW)))
        .as("anybody can publish something")
        .extracting(Claim::peer)
        .containsExactly(Samples.peer(OTHER), SELF);
    Board judged = board.with(Standings.accepted(VOLUNTEER, task, 0, EVALUATOR, NOW + 1));
    assertThat(Precedence.sorted(judged, liveness.live(0, NOW)))
        .extracting(Claim::peer)
        .containsExactly(SELF, Samples.peer(OTHER));
  }

  @Test
  void saysAgainAClaimThatGotLost() {
    next(NOW, List.of());
    assertThat(next(NOW + SETTLE_MS, List.of()))
        .isEqualTo(new ClaimAction.Renew(0, NOW, NOW + 2 * SETTLE_MS));
  }

  @Test
  void goesOnWhereItWasBeforeARestart() {
    Board empty = Board.empty(task.charter(), 1);
    Board mine = board(List.of(claim(VOLUNTEER, NOW, NOW, LEASE_MS, 10)));
    assertThat(protocol.next(Set.of(0, 1), List.of(empty, mine), NOW + 10))
        .isEqualTo(new ClaimAction.Take(0, NOW + 10, NOW + 10 + SETTLE_MS, Optional.empty()));
  }

  @Test
  void releasesAUnitThatIsFinishedOrOnRequest() {
    next(NOW, List.of());
    assertThat(protocol.next(Set.of(), List.of(board(List.of())), NOW + 1))
        .isEqualTo(new ClaimAction.Release(0, NOW, ClaimAction.Why.NOT_ELIGIBLE));
    next(NOW + 2, List.of());
    assertThat(protocol.release())
        .isEqualTo(new ClaimAction.Release(0, NOW + 2, ClaimAction.Why.ASKED));
    assertThatThrownBy(protocol::release)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("IDLE");
  }

  @Test
  void writesTheClaimThatAnActionAsksFor() {
    Progress progress = new Progress("cpu", 2.5, 30);
    Claim renewed =
        protocol.claim(new ClaimAction.Renew(0, NOW, NOW + 9), progress, 77, NOW + 5).orElseThrow();
    assertThat(renewed)
        .isEqualTo(new Claim(task.id(), 0, SELF, 77, NOW, NOW + 5, LEASE_MS, "cpu", 2.5, 30));
    Claim taken =
        protocol
            .claim(new ClaimAction.Take(0, NOW, NOW, Optional.empty()), progress, 76, NOW)
            .orElseThrow();
    assertThat(taken.leaseMs()).as("short").isEqualTo(4 * SETTLE_MS);
    assertThat(protocol.claim(new ClaimAction.Yield(0, NOW), progress, 78, NOW - 5).orElseThrow())
        .matches(Claim::isRelease)
        .matches(claim -> claim.issuedAtMs() == NOW, "not before its tenure");
    assertThat(protocol.claim(new ClaimAction.Keep(0, NOW), progress, 79, NOW)).isEmpty();
  }

  @Test
  void namesTheLastWeightsWhenItHandsTheUnitOver() {
    var weights =
        SignedDocument.seal(VOLUNTEER, Samples.weights(VOLUNTEER, task.id(), 0, NOW, "last"));
    Progress progress = new Progress("cpu", 2.5, 30, 0, Optional.of(weights));
    var release = new ClaimAction.Release(0, NOW, ClaimAction.Why.ASKED);
    assertThat(protocol.claim(release, progress, 78, NOW).orElseThrow().manifest())
        .contains(weights.id());
    assertThat(
            protocol
                .claim(new ClaimAction.Renew(0, NOW, NOW), progress, 79, NOW)
                .orElseThrow()
                .manifest())
        .as("a renewal hands nothing over")
        .isEmpty();
  }

  @Test
  void carriesItsStandingAndNewestWeightsOnceAnEvaluatorAcceptedSome() {
    next(NOW, List.of());
    var accepted = Standings.accepted(VOLUNTEER, task, 0, EVALUATOR, NOW + 1);
    Board board = board(List.of(first(VOLUNTEER, NOW))).with(accepted);
    protocol.next(EXPERT_0, List.of(board), NOW + 2);
    var weights =
        SignedDocument.seal(VOLUNTEER, Samples.weights(VOLUNTEER, task.id(), 0, NOW + 2, "next"));
    Claim renewed =
        protocol
            .claim(
                new ClaimAction.Renew(0, NOW, NOW),
                new Progress("cpu", 1, 9, 0, Optional.of(weights)),
                79,
                NOW + 3)
            .orElseThrow();
    assertThat(renewed.standing()).contains(accepted);
    assertThat(renewed.weights()).contains(weights);
    assertThat(board.with(SignedDocument.seal(VOLUNTEER, renewed)).manifests())
        .containsExactly(weights);
  }

  @Test
  void keepsItsUnitUnderAFloodOfLiarsOnceItsWeightsWereAccepted() {
    next(NOW, List.of());
    next(NOW + SETTLE_MS, List.of(first(VOLUNTEER, NOW)));
    var accepted = Standings.accepted(VOLUNTEER, task, 0, EVALUATOR, NOW + SETTLE_MS);
    Board board =
        Board.empty(task.charter(), 0)
            .with(accepted)
            .with(
                SignedDocument.seal(
                    VOLUNTEER,
                    new Claim(
                        task.id(),
                        0,
                        SELF,
                        NOW + 9_000,
                        NOW,
                        NOW + 9_000,
                        LEASE_MS,
                        "cpu",
                        1,
                        30,
                        0,
                        Optional.empty(),
                        Optional.of(accepted),
                        Optional.empty())));
    for (int i = 0; i < 60; i++) {
      PrivateKey liar = Samples.key(3_000 + i);
      board = board.with(claim(liar, NOW - 999_999_999, NOW + 9_000, LEASE_MS, 1_000_000 + i));
    }
    assertThat(board.claims()).hasSize(1 + 9);
    assertThat(protocol.next(EXPERT_0, List.of(board), NOW + 10_000))
        .isInstanceOf(ClaimAction.Keep.class);
    assertThat(protocol.heldUnit()).contains(0);
  }

  @Test
  void givesUpAUnitThatItMakesNoProgressOnAndDoesNotComeBackSoon() {
    next(NOW, List.of());
    long now = NOW + SETTLE_MS;
    next(now, List.of(first(VOLUNTEER, NOW)));
    // One step in time, and never another.
    now += LEASE_MS / 3;
    SignedDocument<Claim> mine = claim(VOLUNTEER, NOW, now, LEASE_MS, 1);
    long stepped = now;
    ClaimAction action = next(now, List.of(mine));
    while (!(action instanceof ClaimAction.Release)) {
      now += LEASE_MS / 6;
      if (action instanceof ClaimAction.Renew) {
        mine = claim(VOLUNTEER, NOW, now, LEASE_MS, 1);
      }
      action = next(now, List.of(mine));
    }
    assertThat(action).isEqualTo(new ClaimAction.Release(0, NOW, ClaimAction.Why.STALLED));
    assertThat(now - stepped).isBetween(2 * LEASE_MS, 2 * LEASE_MS + LEASE_MS / 6);
    var released = List.of(claim(VOLUNTEER, NOW, now + 1, 0, 1));
    assertThat(next(now + 2, released)).isInstanceOf(ClaimAction.Wait.class);
    long later = now + Liveness.startUpLimitMs(LEASE_MS) + 1;
    assertThat(next(later, released)).isInstanceOf(ClaimAction.Take.class);
  }

  @Test
  void prefersWhatItWouldFinishSooner() {
    int sooner = 0;
    List<Board> free = List.of(Board.empty(task.charter(), 0), Board.empty(task.charter(), 1));
    for (int i = 0; i < 400; i++) {
      var peer = new ClaimProtocol(task, Samples.peer(Samples.key(2_000 + i)), 1);
      sooner +=
          peer.wouldTake(Map.of(0, new Fit(1), 1, new Fit(3)), free, NOW).orElseThrow() == 0
              ? 1
              : 0;
    }
    assertThat(sooner).as("three of four, not all: the others spread").isBetween(270, 330);
  }

  @Test
  void takesTheRouterOnlyWhenEveryExpertHasSomebody() {
    Board expert = Board.empty(task.charter(), 0);
    Board router = Board.empty(task.charter(), 2);
    assertThat(protocol.next(Set.of(0, 2), List.of(router, expert), NOW))
        .isInstanceOfSatisfying(ClaimAction.Take.class, take -> assertThat(take.unit()).isZero());
    assertThat(
            new ClaimProtocol(task, SELF, 1)
                .next(Set.of(0, 2), List.of(router, board(List.of(first(OTHER, NOW)))), NOW))
        .isInstanceOfSatisfying(
            ClaimAction.Take.class, take -> assertThat(take.unit()).isEqualTo(2));
  }
}
