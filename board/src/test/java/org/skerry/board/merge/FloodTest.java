package org.skerry.board.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.skerry.board.document.Samples.EVALUATOR;
import static org.skerry.board.document.Samples.NOW;
import static org.skerry.board.document.Samples.PUBLISHER;
import static org.skerry.board.document.Samples.VOLUNTEER;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.Claim;
import org.skerry.board.document.Samples;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.UnitDocument;
import org.skerry.board.document.Verdict;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;

/** An attacker makes keys until they rank before everybody else's, and fills a board with them. */
final class FloodTest {
  private static final Task TASK = Samples.task();
  private static final int UNIT = 1;
  private static final int KEYS = 400;

  /** The attacker's keys, and no other, that rank before {@code victim}. */
  private static List<PrivateKey> groundAgainst(PrivateKey victim) {
    byte[] toBeat = Rendezvous.rank(TASK.id(), UNIT, Samples.peer(victim));
    List<PrivateKey> out = new ArrayList<>();
    for (int number = 10_000; number < 10_000 + KEYS; number++) {
      PrivateKey key = Samples.key(number);
      byte[] rank = Rendezvous.rank(TASK.id(), UNIT, Samples.peer(key));
      if (Arrays.compareUnsigned(rank, toBeat) < 0) {
        out.add(key);
      }
    }
    return out;
  }

  private static Board flood(Board board, List<PrivateKey> keys) {
    Board out = board;
    for (PrivateKey key : keys) {
      out =
          out.with(SignedDocument.seal(key, Samples.claim(key, TASK.id(), UNIT, NOW + 1_000)))
              .with(
                  SignedDocument.seal(
                      key, Samples.weights(key, TASK.id(), UNIT, NOW + 1_000, "junk")));
    }
    return out;
  }

  private static Board honest() {
    return Board.empty(TASK.charter(), UNIT)
        .with(Standings.accepted(VOLUNTEER, TASK, UNIT, EVALUATOR, NOW))
        .with(Standings.claim(VOLUNTEER, TASK, UNIT, NOW + 5, EVALUATOR, NOW))
        .with(SignedDocument.seal(EVALUATOR, Samples.claim(EVALUATOR, TASK.id(), UNIT, NOW)))
        .with(SignedDocument.seal(PUBLISHER, Samples.claim(PUBLISHER, TASK.id(), UNIT, NOW)))
        .with(
            SignedDocument.seal(
                PUBLISHER, Samples.weights(PUBLISHER, TASK.id(), UNIT, NOW, "publisher's")));
  }

  private static List<PeerId> claimers(Board board) {
    return board.claims().stream().map(SignedDocument::signer).toList();
  }

  @Test
  void keepsNamedPeersAndAcceptedTrainersWhateverKeysAreGround() {
    List<PrivateKey> ground = groundAgainst(VOLUNTEER);
    assertThat(ground).as("enough keys to fill every open slot").hasSizeGreaterThan(30);
    Board first = flood(honest(), ground);
    Board last = flood(Board.empty(TASK.charter(), UNIT), ground).merge(honest());
    assertThat(first).isEqualTo(last);
    assertThat(claimers(first))
        .contains(Samples.peer(VOLUNTEER), Samples.peer(EVALUATOR), Samples.peer(PUBLISHER))
        .hasSize(3 + 9);
    assertThat(first.manifests())
        .extracting(SignedDocument::signer)
        .as("new weights of an accepted trainer still reach the evaluators")
        .contains(Samples.peer(PUBLISHER), Samples.peer(VOLUNTEER));
    assertThat(first.attestations()).hasSize(1);
    assertThat(first.encoded().length).isLessThanOrEqualTo(Board.MAX_BYTES);
  }

  @Test
  void crowdsOffNewcomersWhoseWeightsNobodyAcceptedYet() {
    PrivateKey newcomer = Samples.key(60);
    Board board =
        Board.empty(TASK.charter(), UNIT)
            .with(SignedDocument.seal(newcomer, Samples.claim(newcomer, TASK.id(), UNIT, NOW)));
    assertThat(claimers(flood(board, groundAgainst(newcomer))))
        .as("what the protocol says it does not prevent")
        .doesNotContain(Samples.peer(newcomer));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void givesAnAcceptedIdentityOneSlotHoweverOftenItWasAccepted(long seed) {
    Random random = new Random(seed);
    List<SignedDocument<Claim>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(
          Standings.claim(
              Samples.key(70 + i % 2), TASK, UNIT, NOW + random.nextInt(50), EVALUATOR, NOW + i));
    }
    all.add(Standings.claim(VOLUNTEER, TASK, UNIT, NOW + 1, EVALUATOR, NOW - 1));
    Collections.shuffle(all, random);
    Board board = Board.empty(TASK.charter(), UNIT);
    for (SignedDocument<Claim> claim : all) {
      board = board.with(claim);
    }
    assertThat(claimers(board))
        .as("seed %d", seed)
        .containsExactlyInAnyOrder(
            Samples.peer(Samples.key(70)), Samples.peer(Samples.key(71)), Samples.peer(VOLUNTEER));
  }

  @Test
  void leavesTheSlotsToThoseWhoWereAcceptedLast() {
    Board board = honest();
    for (int i = 0; i < 3; i++) {
      assertThat(claimers(board)).contains(Samples.peer(VOLUNTEER));
      board =
          board.with(Standings.claim(Samples.key(70 + i), TASK, UNIT, NOW, EVALUATOR, NOW + 1 + i));
    }
    assertThat(claimers(board)).doesNotContain(Samples.peer(VOLUNTEER));
    assertThat(
            claimers(
                board.with(Standings.claim(VOLUNTEER, TASK, UNIT, NOW + 6, EVALUATOR, NOW + 9))))
        .as("accepted again")
        .contains(Samples.peer(VOLUNTEER));
  }

  @Test
  void refusesAStandingThatIsNotEarnedHere() {
    PrivateKey liar = Samples.key(80);
    assertNoStanding(liar, Standings.accepted(VOLUNTEER, TASK, UNIT, EVALUATOR, NOW));
    assertNoStanding(liar, Standings.accepted(liar, TASK, UNIT, liar, NOW));
    assertNoStanding(liar, Standings.accepted(liar, TASK, 0, EVALUATOR, NOW));
    assertNoStanding(
        liar, Standings.accepted(liar, Samples.task(Samples.policy(), 1), UNIT, EVALUATOR, NOW));
    assertNoStanding(
        liar,
        SignedDocument.seal(
            EVALUATOR,
            Samples.attestation(
                EVALUATOR,
                NOW,
                SignedDocument.seal(liar, Samples.weights(liar, TASK.id(), UNIT, NOW, "w")),
                Samples.good(0.4),
                Verdict.REFUSED)));
    assertNoStanding(EVALUATOR, Standings.accepted(EVALUATOR, TASK, UNIT, EVALUATOR, NOW));
  }

  private static void assertNoStanding(PrivateKey author, SignedDocument<Attestation> standing) {
    SignedDocument<? extends UnitDocument> claim =
        Standings.with(author, TASK, UNIT, NOW, standing);
    assertThatThrownBy(() -> Board.empty(TASK.charter(), UNIT).with(claim))
        .isInstanceOfSatisfying(
            BoardException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.NO_STANDING));
  }
}
