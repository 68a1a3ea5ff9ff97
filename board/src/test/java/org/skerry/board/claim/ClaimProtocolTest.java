package org.skerry.board.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.skerry.board.document.Samples.LEASE_MS;
import static org.skerry.board.document.Samples.NOW;
import static org.skerry.board.document.Samples.VOLUNTEER;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.skerry.board.document.Claim;
import org.skerry.board.document.Samples;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.merge.Board;
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
    assertThat(next(NOW + SETTLE_MS, mine)).isEqualTo(new ClaimAction.Keep(0, NOW + LEASE_MS / 3));
    assertThat(protocol.heldUnit()).contains(0);
    assertThat(next(NOW + LEASE_MS / 3, mine))
        .isEqualTo(new ClaimAction.Renew(0, NOW, NOW + 2 * LEASE_MS / 3));
  }

  @Test
  void whatItWouldTakeIsWhatItTakesAndAskingChangesNothing() {
    var free = List.of(board(List.of()));
    assertThat(protocol.wouldTake(EXPERT_0, free, NOW)).contains(0);
    assertThat(protocol.wouldTake(EXPERT_0, free, NOW)).contains(0);
    assertThat(protocol.claimedUnit()).isEmpty();
    assertThat(protocol.wouldTake(EXPERT_0, List.of(board(List.of(first(OTHER, NOW)))), NOW))
        .isEmpty();
    assertThat(next(NOW + LEASE_MS, List.of())).isInstanceOf(ClaimAction.Take.class);
    assertThat(protocol.wouldTake(EXPERT_0, free, NOW + LEASE_MS)).isEmpty();
  }

  @Test
  void waitsUntilALeaseEndsWhenNothingIsFree() {
    assertThat(next(NOW, List.of(first(OTHER, NOW))))
        .isEqualTo(new ClaimAction.Wait(NOW + LEASE_MS / 3));
    assertThat(next(NOW + LEASE_MS - 5, List.of(first(OTHER, NOW))))
        .isEqualTo(new ClaimAction.Wait(NOW + LEASE_MS));
  }

  @Test
  void takesOverWhenAClaimWasSeenUnchangedForItsLease() {
    var dead = List.of(first(OTHER, NOW));
    assertThat(next(NOW, dead)).isInstanceOf(ClaimAction.Wait.class);
    assertThat(next(NOW + LEASE_MS, dead))
        .isEqualTo(
            new ClaimAction.Take(
                0, NOW + LEASE_MS, NOW + LEASE_MS + SETTLE_MS, Optional.of(Samples.peer(OTHER))));
  }

  @Test
  void givesAnUnknownClaimItsWholeLeaseFromTheFirstSight() {
    var old = List.of(first(OTHER, NOW - LEASE_MS));
    assertThat(next(NOW, old)).isInstanceOf(ClaimAction.Wait.class);
    assertThat(next(NOW + LEASE_MS - 1, old)).isInstanceOf(ClaimAction.Wait.class);
    assertThat(next(NOW + LEASE_MS, old)).isInstanceOf(ClaimAction.Take.class);
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
        .isInstanceOf(ClaimAction.Keep.class);
  }

  @Test
  void putsPublishedWeightsBeforeAClaimedStep() {
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
    assertThat(Precedence.sorted(board, liveness.live(board, NOW)))
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
        .isEqualTo(new ClaimAction.Release(0, NOW));
    next(NOW + 2, List.of());
    assertThat(protocol.release()).isEqualTo(new ClaimAction.Release(0, NOW + 2));
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
    assertThat(protocol.claim(new ClaimAction.Yield(0, NOW), progress, 78, NOW - 5).orElseThrow())
        .matches(Claim::isRelease)
        .matches(claim -> claim.issuedAtMs() == NOW, "not before its tenure");
    assertThat(protocol.claim(new ClaimAction.Keep(0, NOW), progress, 79, NOW)).isEmpty();
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
