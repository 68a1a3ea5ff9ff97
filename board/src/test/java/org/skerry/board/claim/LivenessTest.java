package org.skerry.board.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.skerry.board.document.Samples.LEASE_MS;
import static org.skerry.board.document.Samples.NOW;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.board.document.Claim;
import org.skerry.board.document.Samples;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.Verdict;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.merge.Board;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;

final class LivenessTest {
  private static final PrivateKey KEY = Samples.key(90);
  private static final PeerId PEER = Samples.peer(KEY);
  private static final long MINUTE = 60_000;

  private final Task task = Samples.task();
  private final Liveness liveness = new Liveness();

  private Board empty() {
    return Board.empty(task.charter(), 0);
  }

  private Board with(long sinceMs, long issuedAtMs, long leaseMs, long step, long fetchedBytes) {
    return empty()
        .with(
            SignedDocument.seal(
                KEY,
                new Claim(
                    task.id(),
                    0,
                    PEER,
                    issuedAtMs,
                    sinceMs,
                    issuedAtMs,
                    leaseMs,
                    "cpu",
                    1,
                    step,
                    fetchedBytes,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty())));
  }

  private boolean isLive(long nowMs) {
    return !liveness.live(0, nowMs).isEmpty();
  }

  /** Renews every third of a lease, from {@code fromMs} to {@code untilMs}, at one step. */
  private void renew(long sinceMs, long fromMs, long untilMs, long step, long fetchedBytes) {
    for (long now = fromMs; now <= untilMs; now += LEASE_MS / 3) {
      liveness.observe(with(sinceMs, now, LEASE_MS, step, fetchedBytes), now);
    }
  }

  @Test
  void letsAPeerThatStepsGoOnForEver() {
    for (int i = 0; i < 50; i++) {
      long now = NOW + i * LEASE_MS;
      renew(NOW, now, now, i, 0);
      assertThat(isLive(now + 1)).as("step %d", i).isTrue();
    }
  }

  @Test
  void endsAClaimThatIsRenewedWithoutASecondStepAfterTwoLeases() {
    renew(NOW, NOW, NOW, 4, 0);
    renew(NOW, NOW + 1_000, NOW + 10 * LEASE_MS, 5, 0);
    assertThat(liveness.stallsAtMs(with(NOW, NOW, LEASE_MS, 5, 0).claims().getFirst().document()))
        .isEqualTo(NOW + 1_000 + 2 * LEASE_MS);
    assertThat(isLive(NOW + 10 * LEASE_MS)).isFalse();
    assertThat(liveness.hasStalled(0, PEER, NOW + 10 * LEASE_MS)).isTrue();
  }

  @Test
  void waitsForASlowLineAsLongAsBytesArriveAndThenForASlowFirstStep() {
    long now = NOW;
    for (int chunk = 1; chunk <= 10; chunk++) {
      now += 9 * MINUTE; // a quarter of a megabyte each
      renew(NOW, now, now, 0, chunk * 262_144L);
      assertThat(isLive(now + 1)).as("chunk %d", chunk).isTrue();
    }
    renew(NOW, now + 1_000, now + 9 * MINUTE, 0, 10 * 262_144L);
    assertThat(isLive(now + 9 * MINUTE)).as("making its first step").isTrue();
    renew(NOW, now + 9 * MINUTE + 20_000, now + 12 * MINUTE, 0, 10 * 262_144L);
    assertThat(isLive(now + 11 * MINUTE)).as("never made it").isFalse();
  }

  @Test
  void letsWhoHasFinishedWaitForTheEvaluatorsButNotWhomTheyRefused() {
    WeightManifest weights = Samples.weights(KEY, task.id(), 0, NOW + 5, "last");
    SignedDocument<WeightManifest> last =
        SignedDocument.seal(
            KEY,
            new WeightManifest(
                weights.task(),
                weights.unit(),
                weights.peer(),
                weights.sequence(),
                weights.issuedAtMs(),
                weights.step(),
                weights.samplesSeen(),
                weights.parent(),
                weights.weights(),
                weights.bfloat16(),
                weights.resume(),
                weights.trainLoss(),
                weights.validationLoss(),
                weights.software(),
                true));
    renew(NOW, NOW, NOW, 4, 0);
    long now = NOW + 1_000;
    for (; now < NOW + 100 * LEASE_MS; now += LEASE_MS / 3) {
      liveness.observe(with(NOW, now, LEASE_MS, 5, 0).with(last), now);
    }
    assertThat(isLive(now)).as("its evaluators take their time").isTrue();
    var refused =
        SignedDocument.seal(
            Samples.EVALUATOR,
            Samples.attestation(Samples.EVALUATOR, NOW, last, Samples.good(0.4), Verdict.REFUSED));
    liveness.observe(with(NOW, now, LEASE_MS, 5, 0).with(last).with(refused), now);
    assertThat(isLive(now)).isFalse();
  }

  @Test
  void doesNotBelieveAStalledPeerForBeginningAgainButForAStep() {
    renew(NOW, NOW, NOW, 4, 0);
    renew(NOW, NOW + 1_000, NOW + 3 * LEASE_MS, 5, 0);
    long again = NOW + 3 * LEASE_MS + 1_000;
    liveness.observe(with(again - 1, again - 1, 0, 5, 0), again - 1);
    liveness.observe(with(again, again, LEASE_MS, 5, 0), again);
    assertThat(isLive(again + 1)).isFalse();
    liveness.observe(with(again, again + 2, LEASE_MS, 6, 0), again + 2);
    assertThat(isLive(again + 3)).isTrue();
  }

  @Test
  void believesAPeerThatWasAsleepAtOnce() {
    renew(NOW, NOW, NOW, 4, 0);
    renew(NOW, NOW + 1_000, NOW + 1_000, 5, 0);
    long awake = NOW + 60 * MINUTE;
    assertThat(isLive(awake)).isFalse();
    liveness.observe(with(awake, awake, LEASE_MS, 5, 0), awake);
    assertThat(isLive(awake + 1)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {-10 * MINUTE, -5 * MINUTE, 0, 5 * MINUTE, 10 * MINUTE})
  void countsALeaseByItsOwnClockWhateverTheAuthorsSays(long skewMs) {
    long now = NOW;
    for (int i = 0; i < 5; i++) {
      now = NOW + i * (LEASE_MS / 3);
      liveness.observe(with(NOW + skewMs, now + skewMs, LEASE_MS, i, 0), now);
    }
    assertThat(isLive(now + LEASE_MS - 1)).as("skew %d", skewMs).isTrue();
    assertThat(isLive(now + LEASE_MS)).as("skew %d", skewMs).isFalse();
  }

  @Test
  void doesNotCountTheTimeUntilItLookedAsTheClaimsOwn() {
    liveness.observe(empty(), NOW);
    liveness.observe(with(NOW, NOW, LEASE_MS, 0, 0), NOW); // at once: clocks agree
    long renewed = NOW + 20_000;
    liveness.observe(with(NOW, renewed, LEASE_MS, 1, 0), renewed + 7_500);
    assertThat(isLive(renewed + LEASE_MS - 1)).isTrue();
    assertThat(isLive(renewed + LEASE_MS)).as("not 7.5 s later").isFalse();
  }

  @Test
  void givesAClockThatWasPutBackItsLeaseAllTheSame() {
    liveness.observe(with(NOW, NOW, LEASE_MS, 0, 0), NOW - 5 * MINUTE); // five minutes fast
    long now = NOW - 5 * MINUTE + 20_000;
    liveness.observe(with(NOW, now + 5 * MINUTE, LEASE_MS, 1, 0), now);
    long corrected = now + 20_000;
    liveness.observe(
        empty().merge(withSequence(NOW + 5 * MINUTE + 60_000, corrected, 2)), corrected);
    assertThat(isLive(corrected + LEASE_MS - 20_000 - 1)).isTrue();
  }

  private Board withSequence(long sequence, long issuedAtMs, long step) {
    return empty()
        .with(
            SignedDocument.seal(
                KEY,
                new Claim(
                    task.id(), 0, PEER, sequence, issuedAtMs, issuedAtMs, LEASE_MS, "c", 1, step)));
  }

  @Test
  void isNotRevivedByAnOldClaimShownAgain() {
    Board old = with(NOW, NOW, LEASE_MS, 3, 0);
    liveness.observe(old, NOW);
    liveness.observe(with(NOW, NOW + 1_000, 0, 3, 0), NOW + 1_000);
    assertThat(isLive(NOW + 1_001)).as("released").isFalse();
    liveness.observe(empty(), NOW + 2_000); // somebody crowds the release off the board ...
    liveness.observe(old, NOW + 3_000); // ... and shows what was before it
    assertThat(isLive(NOW + 3_001)).isFalse();
    long forgotten = NOW + LEASE_MS + Liveness.SKEW_MS;
    liveness.observe(empty(), forgotten);
    liveness.observe(old, forgotten + 1);
    assertThat(isLive(forgotten + 2)).as("nor by who has forgotten it").isFalse();
    Liveness stranger = new Liveness();
    stranger.observe(old, forgotten);
    assertThat(stranger.live(0, forgotten)).as("nor by a stranger").isEmpty();
  }

  @Test
  void countsWorkThatAFloodCrowdedOffUntilItsLeaseEnds() {
    liveness.observe(with(NOW, NOW, LEASE_MS, 0, 0), NOW);
    liveness.observe(with(NOW, NOW + 10, LEASE_MS, 1, 0), NOW + 10);
    liveness.observe(empty(), NOW + 20);
    assertThat(isLive(NOW + LEASE_MS)).isTrue();
    assertThat(isLive(NOW + LEASE_MS + 10)).isFalse();
  }

  @Test
  void forgetsAClaimThatVanishedBeforeItsFirstStep() {
    liveness.observe(with(NOW, NOW, LEASE_MS, 0, 0), NOW);
    liveness.observe(empty(), NOW + 20);
    assertThat(isLive(NOW + 30)).isFalse();
  }

  @Test
  void remembersABoundedNumberOfPeers() {
    for (int i = 0; i < 500; i++) {
      PrivateKey key = Samples.key(20_000 + i);
      Claim claim =
          new Claim(task.id(), 0, Samples.peer(key), NOW, NOW, NOW, LEASE_MS, "cpu", 1, i % 2);
      liveness.observe(empty().with(SignedDocument.seal(key, claim)), NOW + i);
    }
    assertThat(liveness.remembered(0)).isEqualTo(64);
  }
}
