package org.skerry.board.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.skerry.board.document.Samples.NOW;
import static org.skerry.board.document.Samples.PUBLISHER;
import static org.skerry.board.document.Samples.VOLUNTEER;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.RefusalCounts;
import org.skerry.board.document.Claim;
import org.skerry.board.document.Samples;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.merge.Board;
import org.skerry.board.merge.PeerBudgets;
import org.skerry.board.merge.VerifiedEnvelopes;
import org.skerry.dht.limit.FairBudget;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.record.Sender;
import org.skerry.dht.routing.Origin;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.libp2p.testing.FakeClock;

final class SkerryNamespaceTest {
  private static final Task TASK = Samples.task();

  private static final Sender SELF = new Sender.Self();
  private static final Origin ATTIC = new Origin("0b01");
  private static final Origin BARN = new Origin("0b02");
  private static final Sender ANNA = new Sender.Remote(Samples.peer(Samples.key(41)), ATTIC);
  private static final Sender BEN = new Sender.Remote(Samples.peer(Samples.key(42)), BARN);

  private final FakeClock clock = new FakeClock();
  private final PeerBudgets budgets = new PeerBudgets(1, 4, clock);
  private final RefusalCounts counts = new RefusalCounts();
  private final EquivocationLog equivocations = new EquivocationLog(counts);
  private final SkerryNamespace namespace =
      new SkerryNamespace(new VerifiedEnvelopes(100), budgets, counts, equivocations);

  private static byte[] taskKey() {
    return new RecordKey.TaskKey(TASK.id()).bytes();
  }

  private static byte[] catalogKey() {
    return new RecordKey.CatalogKey(Samples.peer(PUBLISHER)).bytes();
  }

  private static byte[] boardKey(int unit) {
    return new RecordKey.BoardKey(TASK.id(), unit).bytes();
  }

  private static byte[] catalog(long sequence) {
    return SignedDocument.seal(PUBLISHER, Samples.catalog(sequence)).bytes();
  }

  private static Board claimed(long sequence, long step) {
    Claim base = Samples.claim(VOLUNTEER, TASK.id(), 0, sequence);
    Claim claim =
        new Claim(base.task(), 0, base.peer(), sequence, NOW, sequence, 1000, "cpu", 1, step);
    return Board.empty(TASK.charter(), 0).with(SignedDocument.seal(VOLUNTEER, claim));
  }

  @Test
  void acceptsTasksCatalogsAndBoardsUnderTheirKeys() {
    assertThat(namespace.validate(SELF, taskKey(), TASK.encoded())).isEmpty();
    assertThat(namespace.validate(SELF, catalogKey(), catalog(NOW))).isEmpty();
    assertThat(namespace.validate(SELF, boardKey(0), claimed(NOW, 1).encoded())).isEmpty();
    assertThat(counts.snapshot()).isEmpty();
  }

  @Test
  void refusesAndCountsWhatStandsUnderAForeignKey() {
    byte[] otherTask = new RecordKey.TaskKey(Samples.document("other")).bytes();
    byte[] otherCatalog = new RecordKey.CatalogKey(Samples.peer(VOLUNTEER)).bytes();
    assertRejected(otherTask, TASK.encoded(), Refusal.ID_MISMATCH);
    assertRejected(otherCatalog, catalog(NOW), Refusal.NOT_THE_PUBLISHER);
    assertRejected(boardKey(1), claimed(NOW, 1).encoded(), Refusal.WRONG_UNIT);
    assertRejected(taskKey(), new byte[0], Refusal.MALFORMED);
    assertRejected("/skerry/other/x".getBytes(UTF_8), new byte[0], Refusal.KEY_MALFORMED);
  }

  private void assertRejected(byte[] key, byte[] value, Refusal refusal) {
    assertThat(namespace.validate(SELF, key, value)).isPresent();
    assertThat(counts.of(refusal)).as(refusal.metricName()).isEqualTo(1);
  }

  @Test
  void saysTooLargeBeforeItReads() {
    assertThat(namespace.validate(SELF, catalogKey(), new byte[9000]).orElseThrow().reason())
        .isEqualTo(Rejection.Reason.TOO_LARGE);
  }

  @Test
  void namesTheExactReasonOfARefusal() {
    byte[] forged = catalog(NOW);
    forged[forged.length - 1] ^= 1;
    assertThat(namespace.validate(ANNA, catalogKey(), forged).orElseThrow())
        .extracting(Rejection::reason, Rejection::cause)
        .containsExactly(Rejection.Reason.INVALID_RECORD, "BAD_SIGNATURE");
  }

  @Test
  void stopsAtThePeersBudgetAndRefillsItWithTime() {
    for (int i = 0; i < 4; i++) {
      assertThat(validateNew(ANNA, i)).isEmpty();
    }
    assertThat(validateNew(ANNA, 4).orElseThrow())
        .extracting(Rejection::reason, Rejection::cause)
        .containsExactly(Rejection.Reason.OVER_BUDGET, "BUDGET_EXHAUSTED");
    assertThat(counts.of(Refusal.BUDGET_EXHAUSTED)).isEqualTo(1);
    clock.advance(Duration.ofMillis(999));
    assertThat(validateNew(ANNA, 4)).isPresent();
    clock.advance(Duration.ofMillis(1));
    assertThat(validateNew(ANNA, 4)).isEmpty();
    assertThat(validateNew(ANNA, 5)).isPresent();
    clock.advance(Duration.ofHours(1));
    for (int i = 5; i < 9; i++) {
      assertThat(validateNew(ANNA, i)).as("no more than the burst is saved up").isEmpty();
    }
    assertThat(validateNew(ANNA, 9)).isPresent();
  }

  private Optional<Rejection> validateNew(Sender from, int number) {
    return namespace.validate(from, catalogKey(), catalog(NOW + number));
  }

  @Test
  void takesFromAnotherPeerWhatIsBeyondTheBudgetOfOne() {
    byte[] forged = catalog(NOW);
    forged[forged.length - 1] ^= 1;
    for (int i = 0; i < 4; i++) {
      assertThat(namespace.validate(ANNA, catalogKey(), forged)).isPresent();
    }
    byte[] board = claimed(NOW, 1).encoded();
    assertThat(namespace.validate(ANNA, boardKey(0), board).orElseThrow().reason())
        .isEqualTo(Rejection.Reason.OVER_BUDGET);
    assertThat(namespace.validate(BEN, boardKey(0), board)).isEmpty();
    assertThat(namespace.validate(ANNA, boardKey(0), board))
        .as("what is remembered costs nothing")
        .isEmpty();
  }

  @Test
  void chargesNothingForWhatThisNodeHasItself() {
    for (int i = 0; i < 20; i++) {
      assertThat(validateNew(SELF, i)).isEmpty();
    }
  }

  @Test
  void checksNoMoreForAThousandKeysAtOnePlaceThanForAFew() {
    byte[] forged = catalog(NOW);
    forged[forged.length - 1] ^= 1;
    for (int i = 0; i < 1000; i++) {
      Sender id =
          new Sender.Remote(new PeerId(Multihash.sha256(("id " + i).getBytes(UTF_8))), ATTIC);
      assertThat(namespace.validate(id, catalogKey(), forged)).isPresent();
    }
    assertThat(counts.of(Refusal.BAD_SIGNATURE)).isEqualTo(4L * FairBudget.PEERS_PER_ORIGIN);
    assertThat(counts.of(Refusal.ORIGIN_BUDGET_EXHAUSTED)).isEqualTo(1000 - 16);
    assertThat(validateNew(ANNA, 1).orElseThrow())
        .extracting(Rejection::reason, Rejection::cause)
        .as("a neighbour shares the loss, and is not blamed")
        .containsExactly(Rejection.Reason.ORIGIN_LIMITED, "ORIGIN_BUDGET_EXHAUSTED");
    assertThat(validateNew(BEN, 1)).isEmpty();
    assertThat(budgets.size()).isLessThan(20);
  }

  @Test
  void choosesTheNewerCatalogAndJoinsBoards() {
    byte[] old = catalog(NOW);
    byte[] renewed = catalog(NOW + 1);
    assertThat(namespace.merge(catalogKey(), old, renewed)).isEqualTo(renewed);
    assertThat(namespace.merge(catalogKey(), renewed, old)).isEqualTo(renewed);
    assertThat(namespace.merge(taskKey(), TASK.encoded(), TASK.encoded()))
        .isEqualTo(TASK.encoded());
    Board board = claimed(NOW, 1);
    Board other = Board.empty(TASK.charter(), 0);
    assertThat(namespace.merge(boardKey(0), board.encoded(), other.encoded()))
        .isEqualTo(board.encoded());
  }

  @Test
  void keepsEvidenceOfTwoDocumentsUnderOneSequence() {
    byte[] one = claimed(NOW, 1).encoded();
    byte[] other = claimed(NOW, 2).encoded();
    byte[] joined = namespace.merge(boardKey(0), one, other);
    assertThat(namespace.merge(boardKey(0), other, one)).isEqualTo(joined);
    assertThat(equivocations.evidence()).isNotEmpty();
    assertThat(counts.of(Refusal.EQUIVOCATION)).isPositive();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/skerry",
        "/skerry/task/",
        "/skerry/task/nonsense",
        "/skerry/catalog/nonsense",
        "/skerry/board/nonsense/0",
        "/other/task/x"
      })
  void refusesKeysThatAreNone(String key) {
    assertThatThrownBy(() -> RecordKey.parse(key.getBytes(UTF_8)))
        .isInstanceOfSatisfying(
            BoardException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.KEY_MALFORMED));
  }

  @Test
  void refusesSecondSpellingsOfAKey() {
    for (String key :
        new String[] {
          "/skerry/board/" + TASK.id() + "/00",
          "/skerry/board/" + TASK.id() + "/+1",
          "/skerry/board/" + TASK.id() + "/128",
          "/skerry/board/" + TASK.id() + "/-1",
          "/skerry/task/" + TASK.id() + "/",
          "/skerry/catalog/" + Samples.peer(PUBLISHER).toCid(),
          "/skerry/task/" + Samples.blob("a blob")
        }) {
      assertThatThrownBy(() -> RecordKey.parse(key.getBytes(UTF_8)))
          .as(key)
          .isInstanceOf(BoardException.class);
    }
    assertThat(RecordKey.parse(boardKey(1))).isEqualTo(new RecordKey.BoardKey(TASK.id(), 1));
  }
}
