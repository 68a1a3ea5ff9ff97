package org.skerry.board.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.skerry.board.document.Samples.EVALUATOR;
import static org.skerry.board.document.Samples.NOW;
import static org.skerry.board.document.Samples.VOLUNTEER;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.skerry.board.document.Samples;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.Verdict;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.merge.Board;
import org.skerry.libp2p.crypto.PrivateKey;

final class DutyTest {
  private static final Task TASK = Samples.task();
  private static final Duty.Can ALL = new Duty.Can(true, true, true);
  private static final PrivateKey STRANGER = Samples.key(30);

  private static final SignedDocument<WeightManifest> WEIGHTS =
      SignedDocument.seal(VOLUNTEER, Samples.weights(VOLUNTEER, TASK.id(), 1, NOW, "w"));

  private static Board board(int unit) {
    return Board.empty(TASK.charter(), unit);
  }

  private static Board attested(PrivateKey... evaluators) {
    Board board = board(1).with(WEIGHTS);
    for (PrivateKey evaluator : evaluators) {
      board =
          board.with(
              SignedDocument.seal(
                  evaluator,
                  Samples.attestation(
                      evaluator, NOW, WEIGHTS, Samples.good(0.4), Verdict.ACCEPTED)));
    }
    return board;
  }

  private static Duty duty(PrivateKey who, Board board, Duty.Can can) {
    return Duty.next(Optional.empty(), TASK, List.of(board(0), board), Samples.peer(who), can, 1);
  }

  @Test
  void trainsWhatItHoldsBeforeAllElse() {
    assertThat(Duty.next(Optional.of(1), TASK, List.of(attested()), Samples.peer(STRANGER), ALL, 1))
        .isEqualTo(new Duty.Train(1));
  }

  @Test
  void measuresWhatTooFewHaveMeasuredAndNeverItsOwn() {
    Duty measure = new Duty.Evaluate(1, WEIGHTS.id());
    assertThat(duty(STRANGER, attested(), ALL)).isEqualTo(measure);
    assertThat(duty(STRANGER, attested(EVALUATOR, Samples.key(31)), ALL)).isEqualTo(measure);
    assertThat(duty(STRANGER, attested(Samples.key(31), Samples.key(32)), ALL))
        .as("two strangers are enough")
        .isInstanceOf(Duty.Replicate.class);
    assertThat(duty(EVALUATOR, attested(Samples.key(31), Samples.key(32)), ALL))
        .as("a named evaluator speaks all the same, once")
        .isEqualTo(measure);
    assertThat(duty(EVALUATOR, attested(EVALUATOR), ALL)).isInstanceOf(Duty.Replicate.class);
    assertThat(duty(VOLUNTEER, attested(), ALL)).isInstanceOf(Duty.Replicate.class);
  }

  @Test
  void letsAFewOfACrowdMeasureAManifest() {
    int measuring = 0;
    for (int i = 0; i < 300; i++) {
      Duty duty =
          Duty.next(
              Optional.empty(),
              TASK,
              List.of(attested()),
              Samples.peer(Samples.key(4_000 + i)),
              ALL,
              300);
      measuring += duty instanceof Duty.Evaluate ? 1 : 0;
    }
    assertThat(measuring).isBetween(1, 8);
    assertThat(
            Duty.next(
                Optional.empty(), TASK, List.of(attested()), Samples.peer(EVALUATOR), ALL, 300))
        .as("a named evaluator always")
        .isInstanceOf(Duty.Evaluate.class);
  }

  @Test
  void spreadsThoseWhoKeepDataOverTheUnits() {
    Set<Duty> duties = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      duties.add(duty(Samples.key(100 + i), board(1), ALL));
    }
    assertThat(duties).containsExactlyInAnyOrder(new Duty.Replicate(0), new Duty.Replicate(1));
  }

  @Test
  void relaysOrStandsByWhenItsOwnerAllowsNothingElse() {
    assertThat(duty(STRANGER, attested(), new Duty.Can(false, false, true)))
        .isEqualTo(new Duty.Relay());
    assertThat(duty(STRANGER, attested(), new Duty.Can(false, false, false)))
        .isEqualTo(new Duty.StandBy());
  }
}
