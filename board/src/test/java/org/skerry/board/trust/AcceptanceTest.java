package org.skerry.board.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.skerry.board.document.Samples.EVALUATOR;
import static org.skerry.board.document.Samples.NOW;
import static org.skerry.board.document.Samples.PUBLISHER;
import static org.skerry.board.document.Samples.VOLUNTEER;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.RefusalCounts;
import org.skerry.board.document.AcceptancePolicy;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.Measurements;
import org.skerry.board.document.Samples;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.UnitDocument;
import org.skerry.board.document.Verdict;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.document.Withdrawal;
import org.skerry.board.merge.Board;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.Cid;

final class AcceptanceTest {
  private static final double NAN = Double.NaN;
  private static final PrivateKey LIAR = Samples.key(66);
  private static final Task TASK = Samples.task();

  private final RefusalCounts counts = new RefusalCounts();

  private static SignedDocument<WeightManifest> weights(
      Task task, PrivateKey author, int unit, long sequence, String blob) {
    return SignedDocument.seal(author, Samples.weights(author, task.id(), unit, sequence, blob));
  }

  private static SignedDocument<WeightManifest> weights(PrivateKey author, int unit, String blob) {
    return weights(TASK, author, unit, NOW, blob);
  }

  /** What an honest evaluator signs for these numbers. */
  private static SignedDocument<? extends UnitDocument> attest(
      PrivateKey evaluator,
      AcceptancePolicy policy,
      long atMs,
      SignedDocument<WeightManifest> manifest,
      Measurements measured) {
    return signed(evaluator, atMs, manifest, measured, Evaluation.verdict(policy, measured));
  }

  private static SignedDocument<? extends UnitDocument> signed(
      PrivateKey evaluator,
      long atMs,
      SignedDocument<WeightManifest> manifest,
      Measurements measured,
      Verdict verdict) {
    return SignedDocument.seal(
        evaluator, Samples.attestation(evaluator, atMs, manifest, measured, verdict));
  }

  private static Board board(
      Task task, int unit, List<SignedDocument<? extends UnitDocument>> documents) {
    Board board = Board.empty(task.charter(), unit);
    for (SignedDocument<? extends UnitDocument> document : documents) {
      board = board.with(document);
    }
    return board;
  }

  @SafeVarargs
  @SuppressWarnings("varargs")
  private final UnitJudgement judge(
      Task task, SignedDocument<? extends UnitDocument>... documents) {
    Board board = board(task, 0, Arrays.asList(documents));
    return Acceptance.judge(task.charter(), List.of(board), counts).unit(0);
  }

  private static Judgement of(UnitJudgement unit, SignedDocument<WeightManifest> manifest) {
    return unit.manifests().stream()
        .filter(judged -> judged.manifest().id().equals(manifest.id()))
        .map(JudgedManifest::judgement)
        .findFirst()
        .orElseThrow();
  }

  private void assertRefusedByHonestEvaluator(Measurements measured, Refusal reason) {
    SignedDocument<WeightManifest> bad = weights(LIAR, 0, "bad");
    UnitJudgement judged = judge(TASK, bad, attest(EVALUATOR, TASK.policy(), NOW, bad, measured));
    assertThat(of(judged, bad)).isEqualTo(new Judgement.Refused(reason));
    assertThat(judged.best()).isEmpty();
    assertThat(judged.newestAccepted()).isEmpty();
    assertThat(counts.of(reason)).isEqualTo(1);
  }

  @Test
  void acceptsAnExpertThatIsBetterThanBothBaselines() {
    SignedDocument<WeightManifest> good = weights(VOLUNTEER, 0, "good");
    UnitJudgement judged =
        judge(TASK, good, attest(EVALUATOR, TASK.policy(), NOW, good, Samples.good(0.4)));
    assertThat(of(judged, good)).isEqualTo(new Judgement.Accepted(0.4, true));
    assertThat(judged.best().orElseThrow().manifest()).isEqualTo(good);
    assertThat(counts.snapshot()).isEmpty();
  }

  @Test
  void whatWasAcceptedCountsInTheVersionThatExtendsTheTask() {
    Task next = Samples.extended(TASK);
    Lineage lineage = new Lineage(List.of(next, TASK));
    SignedDocument<WeightManifest> old = weights(TASK, VOLUNTEER, 0, NOW, "old");
    SignedDocument<WeightManifest> added = weights(next, VOLUNTEER, 2, NOW, "added");
    SignedDocument<WeightManifest> copy = weights(next, LIAR, 3, NOW + 9, "old");
    TaskJudgement judged =
        Acceptance.judge(
            lineage,
            List.of(
                board(
                    TASK,
                    0,
                    List.of(old, attest(EVALUATOR, TASK.policy(), NOW, old, Samples.good(0.4)))),
                board(
                    next,
                    2,
                    List.of(
                        added, attest(EVALUATOR, next.policy(), NOW, added, Samples.good(0.3)))),
                board(
                    next,
                    3,
                    List.of(
                        copy, attest(EVALUATOR, next.policy(), NOW + 9, copy, Samples.good(0.2))))),
            counts);
    assertThat(judged.unit(0).best().orElseThrow().manifest()).isEqualTo(old);
    assertThat(judged.unit(2).best().orElseThrow().manifest()).isEqualTo(added);
    assertThat(of(judged.unit(3), copy))
        .as("weights of another version's unit")
        .isEqualTo(new Judgement.Refused(Refusal.COPY));
  }

  @Test
  void boardsOfInheritedUnitsElsewhereThanAtHomeAreNotLookedAt() {
    Task next = Samples.extended(TASK);
    Lineage lineage = new Lineage(List.of(next, TASK));
    assertThatThrownBy(
            () -> Acceptance.judge(lineage, List.of(Board.empty(next.charter(), 0)), counts))
        .isInstanceOf(BoardException.class)
        .hasMessageContaining("a board of task " + next.id());
    assertThatThrownBy(
            () -> Acceptance.judge(lineage, List.of(Board.empty(TASK.charter(), 2)), counts))
        .as("the old router's board, whose index is an expert's now")
        .isInstanceOf(BoardException.class);
  }

  @Test
  void refusesAnExpertOfNoise() {
    assertRefusedByHonestEvaluator(
        new Measurements(3.1, 3.0, 3.0, 3.0, 0.9, 1.5, NAN, true, Optional.empty()),
        Refusal.WORSE_THAN_GAUSSIAN);
  }

  @Test
  void refusesAnExpertOfNaN() {
    assertRefusedByHonestEvaluator(
        new Measurements(NAN, NAN, NAN, NAN, 0.9, 1.5, NAN, false, Optional.empty()),
        Refusal.NOT_FINITE);
  }

  @Test
  void refusesAnUntrainedExpert() {
    assertRefusedByHonestEvaluator(
        new Measurements(0.8, 0.8, 0.8, 0.8, 0.9, 0.8, NAN, true, Optional.empty()),
        Refusal.WORSE_THAN_INITIAL);
  }

  @Test
  void refusesACopyThatTheEvaluatorRecognised() {
    assertRefusedByHonestEvaluator(
        new Measurements(
            0.4, 0.4, 0.4, 0.4, 0.9, 1.5, NAN, true, Optional.of(Samples.document("original"))),
        Refusal.COPY);
  }

  @Test
  void refusesAnExpertThatIsWorseThanTheBestAccepted() {
    assertRefusedByHonestEvaluator(
        new Measurements(0.5, 0.5, 0.5, 0.5, 0.9, 1.5, 0.4, true, Optional.empty()),
        Refusal.WORSE_THAN_BEST);
  }

  @Test
  void refusesACopyOfAnotherPartitionsExpertAlthoughItsLossIsGood() {
    SignedDocument<WeightManifest> original = weights(VOLUNTEER, 0, "same bytes");
    SignedDocument<WeightManifest> copy = weights(LIAR, 1, "same bytes");
    Board first =
        board(TASK, 0, List.of(attest(EVALUATOR, TASK.policy(), NOW, original, Samples.good(0.4))));
    Board second =
        board(TASK, 1, List.of(attest(EVALUATOR, TASK.policy(), NOW + 1, copy, Samples.good(0.5))));
    var judged = Acceptance.judge(TASK.charter(), List.of(second, first), counts);
    assertThat(of(judged.unit(0), original)).isInstanceOf(Judgement.Accepted.class);
    assertThat(of(judged.unit(1), copy)).isEqualTo(new Judgement.Refused(Refusal.COPY));
    assertThat(judged.unit(1).best()).isEmpty();
  }

  @Test
  void refusesACopyThatDatesItselfBack() {
    SignedDocument<WeightManifest> original = weights(TASK, VOLUNTEER, 0, NOW, "same bytes");
    SignedDocument<WeightManifest> copy = weights(TASK, LIAR, 0, 1, "same bytes");
    UnitJudgement judged =
        judge(
            TASK,
            copy,
            attest(EVALUATOR, TASK.policy(), NOW + 1, original, Samples.good(0.4)),
            attest(EVALUATOR, TASK.policy(), NOW + 2, copy, Samples.good(0.4)));
    assertThat(of(judged, copy)).isEqualTo(new Judgement.Refused(Refusal.COPY));
    assertThat(judged.best().orElseThrow().manifest()).isEqualTo(original);
  }

  @Test
  void takesTheSameWeightsOfTheSameAuthorForNoCopy() {
    SignedDocument<WeightManifest> once = weights(TASK, VOLUNTEER, 0, NOW, "same bytes");
    SignedDocument<WeightManifest> again = weights(TASK, VOLUNTEER, 0, NOW + 9, "same bytes");
    UnitJudgement judged =
        judge(
            TASK,
            attest(EVALUATOR, TASK.policy(), NOW + 1, once, Samples.good(0.4)),
            attest(EVALUATOR, TASK.policy(), NOW + 2, again, Samples.good(0.4)));
    assertThat(judged.manifests()).hasSize(2).allMatch(JudgedManifest::isAccepted);
  }

  @Test
  void ignoresAnAttestationThatContradictsItsOwnNumbers() {
    SignedDocument<WeightManifest> noise = weights(LIAR, 0, "noise");
    Measurements bad = new Measurements(3, 3, 3, 3, 0.9, 1.5, NAN, true, Optional.empty());
    UnitJudgement praised = judge(TASK, signed(EVALUATOR, NOW, noise, bad, Verdict.ACCEPTED));
    assertThat(of(praised, noise)).isEqualTo(new Judgement.Pending(0, 1));
    SignedDocument<WeightManifest> good = weights(VOLUNTEER, 0, "good");
    UnitJudgement slandered =
        judge(TASK, signed(EVALUATOR, NOW, good, Samples.good(0.4), Verdict.REFUSED));
    assertThat(of(slandered, good)).isEqualTo(new Judgement.Pending(0, 1));
    assertThat(counts.of(Refusal.CONTRADICTORY)).isEqualTo(2);
  }

  @Test
  void countsARefusedManifestOnceHoweverOftenItIsJudged() {
    SignedDocument<WeightManifest> noise = weights(LIAR, 0, "noise");
    Measurements bad = new Measurements(3, 3, 3, 3, 0.9, 1.5, NAN, true, Optional.empty());
    var attestation = attest(EVALUATOR, TASK.policy(), NOW, noise, bad);
    judge(TASK, attestation);
    judge(TASK, attestation);
    assertThat(counts.of(Refusal.WORSE_THAN_GAUSSIAN)).isEqualTo(1);
  }

  @Test
  void ignoresEvaluatorsThatTheTaskDoesNotName() {
    SignedDocument<WeightManifest> noise = weights(LIAR, 0, "noise");
    UnitJudgement judged =
        judge(TASK, noise, attest(LIAR, TASK.policy(), NOW, noise, Samples.good(0.1)));
    assertThat(of(judged, noise)).isEqualTo(new Judgement.Pending(0, 1));
    assertThat(counts.of(Refusal.NOT_AN_EVALUATOR)).isEqualTo(1);
  }

  @Test
  void countsDistinctEvaluatorsUntilEnoughHaveSpoken() {
    PrivateKey second = Samples.key(21);
    PrivateKey third = Samples.key(22);
    Task task = Samples.task(Samples.policy(2, EVALUATOR, second, third), 2);
    SignedDocument<WeightManifest> manifest = weights(task, VOLUNTEER, 0, NOW, "w");
    var one = attest(EVALUATOR, task.policy(), NOW, manifest, Samples.good(0.4));
    var oneAgain = attest(EVALUATOR, task.policy(), NOW + 1, manifest, Samples.good(0.41));
    var two = attest(second, task.policy(), NOW, manifest, Samples.good(0.5));
    Measurements bad = new Measurements(3, 3, 3, 3, 0.9, 1.5, NAN, true, Optional.empty());
    assertThat(of(judge(task, one, oneAgain), manifest)).isEqualTo(new Judgement.Pending(1, 2));
    assertThat(of(judge(task, one, oneAgain, two), manifest))
        .as("the lower median of the newest words")
        .isEqualTo(new Judgement.Accepted(0.41, true));
    var lie = attest(second, task.policy(), NOW, manifest, bad);
    assertThat(of(judge(task, one, lie), manifest)).isEqualTo(new Judgement.Pending(1, 2));
    var lieToo = attest(third, task.policy(), NOW, manifest, bad);
    assertThat(of(judge(task, one, lie, lieToo), manifest))
        .isEqualTo(new Judgement.Refused(Refusal.WORSE_THAN_GAUSSIAN));
  }

  @Test
  void doesNotLetOneLyingEvaluatorOfThreeMakeTheOriginalACopy() {
    PrivateKey second = Samples.key(21);
    PrivateKey third = Samples.key(22);
    Task task = Samples.task(Samples.policy(2, EVALUATOR, second, third), 2);
    SignedDocument<WeightManifest> original = weights(task, VOLUNTEER, 0, NOW, "same");
    SignedDocument<WeightManifest> copy = weights(task, LIAR, 0, NOW, "same");
    UnitJudgement judged =
        judge(
            task,
            attest(third, task.policy(), 1, copy, Samples.good(0.4)),
            attest(EVALUATOR, task.policy(), NOW, original, Samples.good(0.4)),
            attest(second, task.policy(), NOW, original, Samples.good(0.4)));
    assertThat(of(judged, original)).isInstanceOf(Judgement.Accepted.class);
  }

  @Test
  void keepsAnAcceptedManifestWhenItsAuthorPublishesAWorseOne() {
    SignedDocument<WeightManifest> good = weights(TASK, VOLUNTEER, 0, NOW, "good");
    SignedDocument<WeightManifest> worse = weights(TASK, VOLUNTEER, 0, NOW + 5, "worse");
    Measurements bad = new Measurements(0.6, 0.6, 0.6, 0.6, 0.9, 1.5, 0.4, true, Optional.empty());
    UnitJudgement judged =
        judge(
            TASK,
            good,
            attest(EVALUATOR, TASK.policy(), NOW, good, Samples.good(0.4)),
            worse,
            attest(EVALUATOR, TASK.policy(), NOW + 6, worse, bad));
    assertThat(judged.best().orElseThrow().manifest()).isEqualTo(good);
    assertThat(of(judged, worse)).isEqualTo(new Judgement.Refused(Refusal.WORSE_THAN_BEST));
  }

  @Test
  void dropsEarlierAcceptedWeightsOnceMuchBetterOnesAreThere() {
    SignedDocument<WeightManifest> early = weights(TASK, VOLUNTEER, 0, NOW, "early");
    SignedDocument<WeightManifest> late = weights(TASK, VOLUNTEER, 0, NOW + 5, "late");
    UnitJudgement judged =
        judge(
            TASK,
            attest(EVALUATOR, TASK.policy(), NOW, early, Samples.good(0.6)),
            attest(EVALUATOR, TASK.policy(), NOW + 6, late, Samples.good(0.4)));
    assertThat(of(judged, early)).isEqualTo(new Judgement.Refused(Refusal.WORSE_THAN_BEST));
    assertThat(judged.best().orElseThrow().manifest()).isEqualTo(late);
  }

  @Test
  void resumesOnlyFromStateThatWasMeasuredToo() {
    SignedDocument<WeightManifest> manifest = weights(VOLUNTEER, 0, "w");
    Measurements rawBroken =
        new Measurements(0.4, 0.4, NAN, NAN, 0.9, 1.5, NAN, true, Optional.empty());
    Measurements stateBroken =
        new Measurements(0.4, 0.4, 0.4, 0.4, 0.9, 1.5, NAN, false, Optional.empty());
    for (Measurements measured : List.of(rawBroken, stateBroken)) {
      assertThat(
              of(judge(TASK, attest(EVALUATOR, TASK.policy(), NOW, manifest, measured)), manifest))
          .isEqualTo(new Judgement.Accepted(0.4, false));
    }
  }

  @Test
  void refusesWhatItsAuthorOrThePublisherTookBack() {
    SignedDocument<WeightManifest> manifest = weights(VOLUNTEER, 0, "w");
    var attestation = attest(EVALUATOR, TASK.policy(), NOW, manifest, Samples.good(0.4));
    var byAuthor = withdraw(VOLUNTEER, 0, Optional.of(manifest.id()));
    var byStranger = withdraw(LIAR, 0, Optional.of(manifest.id()));
    var byPublisher = withdraw(PUBLISHER, Withdrawal.WHOLE_TASK, Optional.empty());
    Judgement withdrawn = new Judgement.Refused(Refusal.WITHDRAWN);
    assertThat(of(judge(TASK, attestation, byAuthor), manifest)).isEqualTo(withdrawn);
    assertThat(of(judge(TASK, attestation, byPublisher), manifest)).isEqualTo(withdrawn);
    assertThat(of(judge(TASK, attestation, byStranger), manifest))
        .isEqualTo(new Judgement.Accepted(0.4, true));
  }

  private static SignedDocument<Withdrawal> withdraw(
      PrivateKey key, int unit, Optional<Cid> manifest) {
    return SignedDocument.seal(
        key, new Withdrawal(TASK.id(), unit, Samples.peer(key), NOW, NOW, manifest, "a mistake"));
  }

  @Test
  void letsOnlyListedPublishersThrough() {
    PublisherAllowList list =
        PublisherAllowList.parse(List.of(" " + Samples.peer(PUBLISHER) + "\n"));
    list.require(Samples.peer(PUBLISHER));
    assertThat(list.allows(Samples.peer(LIAR))).isFalse();
    assertThatThrownBy(() -> list.require(Samples.peer(LIAR)))
        .hasMessageContaining("not on the allow-list")
        .isInstanceOfSatisfying(
            BoardException.class,
            e -> assertThat(e.refusal()).isEqualTo(Refusal.PUBLISHER_NOT_ALLOWED));
    assertThatThrownBy(() -> PublisherAllowList.parse(List.of("nonsense")))
        .hasMessageContaining("'nonsense' is no peer id");
  }
}
