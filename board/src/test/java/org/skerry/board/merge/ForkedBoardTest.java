package org.skerry.board.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.skerry.board.document.Samples.EVALUATOR;
import static org.skerry.board.document.Samples.NOW;
import static org.skerry.board.document.Samples.PUBLISHER;
import static org.skerry.board.document.Samples.VOLUNTEER;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.RefusalCounts;
import org.skerry.board.claim.ClaimAction;
import org.skerry.board.claim.ClaimProtocol;
import org.skerry.board.claim.Progress;
import org.skerry.board.document.Claim;
import org.skerry.board.document.EnvelopeReader;
import org.skerry.board.document.Measurements;
import org.skerry.board.document.Samples;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.TaskManifest;
import org.skerry.board.document.Unit;
import org.skerry.board.document.UnitDocument;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.document.Withdrawal;
import org.skerry.board.trust.Acceptance;
import org.skerry.board.trust.Evaluation;
import org.skerry.board.trust.Judgement;
import org.skerry.board.trust.UnitJudgement;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.Cid;

/** What of a forked task counts in the fork: what the fork's own evaluators say. */
final class ForkedBoardTest {
  private static final PrivateKey FORKER = Samples.key(71);
  private static final Task ORIGIN = Samples.task();
  private static final Task FORK = fork(List.of(ORIGIN.id()));

  private static Task fork(List<Cid> of) {
    return Task.sealFork(
        FORKER,
        NOW + 1,
        1,
        Samples.LEASE_MS,
        Samples.policy(1, FORKER),
        ORIGIN.manifest().forked("faces-again", ORIGIN.units()),
        of);
  }

  private static SignedDocument<WeightManifest> weights(Task task, int unit, String blob) {
    return SignedDocument.seal(VOLUNTEER, Samples.weights(VOLUNTEER, task.id(), unit, NOW, blob));
  }

  private static SignedDocument<? extends UnitDocument> attested(
      PrivateKey evaluator, SignedDocument<WeightManifest> manifest, double loss) {
    Measurements measured = Samples.good(loss);
    return SignedDocument.seal(
        evaluator,
        Samples.attestation(
            evaluator, NOW, manifest, measured, Evaluation.verdict(FORK.policy(), measured)));
  }

  private static UnitJudgement judge(Board board) {
    return Acceptance.judge(FORK.charter(), List.of(board), new RefusalCounts()).unit(0);
  }

  private static void assertRefused(Refusal refusal, Runnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            BoardException.class,
            e -> assertThat(e.refusal()).as(e.getMessage()).isEqualTo(refusal));
  }

  @Test
  void theForksEvaluatorAcceptsWeightsOfTheForkedTask() {
    SignedDocument<WeightManifest> old = weights(ORIGIN, 0, "old");
    Board board = Board.empty(FORK.charter(), 0).with(attested(FORKER, old, 0.4));
    assertThat(judge(board).best().orElseThrow().manifest()).isEqualTo(old);
    Board read = BoardCodec.decode(FORK.id(), 0, board.encoded(), EnvelopeReader.ANEW);
    assertThat(read).isEqualTo(board);
  }

  @Test
  void nobodyElsesWordAboutThemNorTheyThemselvesStandOnTheForksBoards() {
    Board board = Board.empty(FORK.charter(), 0);
    SignedDocument<WeightManifest> old = weights(ORIGIN, 0, "old");
    assertRefused(Refusal.WRONG_TASK, () -> board.with(attested(EVALUATOR, old, 0.4)));
    assertRefused(Refusal.WRONG_TASK, () -> board.with(old));
    SignedDocument<Claim> claim =
        SignedDocument.seal(VOLUNTEER, Samples.claim(VOLUNTEER, ORIGIN.id(), 0, NOW));
    assertRefused(Refusal.WRONG_TASK, () -> board.with(claim));
    assertRefused(
        Refusal.WRONG_TASK,
        () -> board.with(attested(FORKER, weights(Samples.extended(ORIGIN), 0, "other"), 0.4)));
    assertRefused(
        Refusal.WRONG_UNIT, () -> board.with(attested(FORKER, weights(ORIGIN, 1, "w"), 0.4)));
    assertRefused(
        Refusal.WRONG_TASK,
        () -> Board.empty(ORIGIN.charter(), 0).with(attested(FORKER, weights(FORK, 0, "w"), 0.4)));
  }

  @Test
  void whoMadeInheritedWeightsClaimsTheForksUnitLikeAnybodyElse() {
    Board board =
        Board.empty(FORK.charter(), 0).with(attested(FORKER, weights(ORIGIN, 0, "old"), 0.4));
    ClaimProtocol protocol = new ClaimProtocol(FORK, Samples.peer(VOLUNTEER), 1_000);
    ClaimAction action = protocol.next(Set.of(0), List.of(board), NOW + 5_000);
    assertThat(action).isInstanceOf(ClaimAction.Take.class);
    Claim claim =
        protocol.claim(action, new Progress("cpu", 1, 0), NOW + 5_000, NOW + 5_000).orElseThrow();
    assertThat(claim.standing()).isEmpty();
    assertThat(board.with(SignedDocument.seal(VOLUNTEER, claim)).claims()).hasSize(1);
  }

  @Test
  void aTaskThatWasWithdrawnLivesOnInItsFork() {
    Board board =
        Board.empty(FORK.charter(), 0).with(attested(FORKER, weights(ORIGIN, 0, "old"), 0.4));
    assertRefused(Refusal.WRONG_TASK, () -> board.with(withdrawal(PUBLISHER, ORIGIN)));
    assertRefused(Refusal.NOT_THE_PUBLISHER, () -> board.with(withdrawal(PUBLISHER, FORK)));
    assertThat(judge(board.with(withdrawal(FORKER, FORK))).best()).isEmpty();
  }

  private static SignedDocument<Withdrawal> withdrawal(PrivateKey signer, Task task) {
    return SignedDocument.seal(
        signer,
        new Withdrawal(
            task.id(),
            Withdrawal.WHOLE_TASK,
            Samples.peer(signer),
            NOW,
            NOW,
            Optional.empty(),
            "over"));
  }

  @Test
  void newWeightsAndInheritedOnesAreJudgedTogether() {
    SignedDocument<WeightManifest> old = weights(ORIGIN, 0, "old");
    SignedDocument<WeightManifest> better = weights(FORK, 0, "new");
    Board board =
        Board.empty(FORK.charter(), 0)
            .with(attested(FORKER, old, 0.4))
            .with(better)
            .with(attested(FORKER, better, 0.3));
    assertThat(judge(board).best().orElseThrow().manifest()).isEqualTo(better);
    assertThat(judge(board).manifests())
        .filteredOn(judged -> judged.manifest().equals(old))
        .allMatch(judged -> judged.judgement() instanceof Judgement.Refused);
  }

  @Test
  void aForkNamesAFewTasksEachOnce() {
    assertRefused(Refusal.OUT_OF_BOUNDS, () -> fork(List.of(ORIGIN.id(), ORIGIN.id())));
    assertRefused(
        Refusal.OUT_OF_BOUNDS,
        () ->
            fork(
                List.of(
                    ORIGIN.id(),
                    Samples.document("1"),
                    Samples.document("2"),
                    Samples.document("3"),
                    Samples.document("4"))));
    assertRefused(Refusal.OUT_OF_BOUNDS, () -> fork(List.of(Samples.blob("no task"))));
  }

  @Test
  void inheritsWhatTrainsTheSameModelOfTheSameImagesAndNothingElse() {
    for (int unit = 0; unit < ORIGIN.units().size(); unit++) {
      assertThat(FORK.inherits(ORIGIN, unit)).isTrue();
    }
    assertThat(FORK.inherits(ORIGIN, 3)).isFalse();
    assertThat(ORIGIN.inherits(FORK, 0)).isFalse();
    assertThat(fork(List.of(Samples.document("other"))).inherits(ORIGIN, 0)).isFalse();
    Task larger = Samples.extended(ORIGIN);
    Task ofLarger =
        Task.sealFork(
            FORKER,
            NOW,
            1,
            Samples.LEASE_MS,
            Samples.policy(1, FORKER),
            larger.manifest().forked("larger", larger.units()),
            List.of(larger.id(), ORIGIN.id()));
    assertThat(ofLarger.inherits(ORIGIN, 1)).as("an expert").isTrue();
    assertThat(ofLarger.inherits(ORIGIN, 2)).as("the old router's place").isFalse();
    assertThat(ofLarger.inherits(larger, 3)).as("the router").isTrue();
  }

  @Test
  void inheritsNothingOfOtherImagesOrAnotherModel() {
    TaskManifest same = ORIGIN.manifest();
    Unit first = same.units().getFirst();
    Unit other =
        new Unit(
            0,
            first.kind(),
            0,
            first.samples(),
            Samples.blob("other images"),
            first.validationBlob(),
            first.secretHash(),
            first.contactSheetBlob(),
            first.title());
    TaskManifest changed =
        same.forked("changed", List.of(other, same.units().get(1), same.units().get(2)));
    assertThat(sealed(changed).inherits(ORIGIN, 0)).isFalse();
    assertThat(sealed(changed).inherits(ORIGIN, 1)).isTrue();
    TaskManifest wider =
        new TaskManifest(
            same.name(),
            same.description(),
            same.licence(),
            Samples.unet(64),
            new TreeMap<>(same.modelOverrides()),
            same.routerModel(),
            same.expertRecipe(),
            new TreeMap<>(same.recipeOverrides()),
            same.routerRecipe(),
            same.latentCodec(),
            same.textEncoder(),
            same.classNames(),
            same.path(),
            Optional.empty(),
            same.units(),
            same.clustering(),
            0);
    assertThat(sealed(wider).inherits(ORIGIN, 0)).isFalse();
    assertThat(sealed(wider).inherits(ORIGIN, 1)).as("has a model of its own").isTrue();
  }

  private static Task sealed(TaskManifest manifest) {
    return Task.sealFork(
        FORKER,
        NOW,
        1,
        Samples.LEASE_MS,
        Samples.policy(1, FORKER),
        manifest,
        List.of(ORIGIN.id()));
  }
}
