package org.skerry.board.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.skerry.board.document.Samples.EVALUATOR;
import static org.skerry.board.document.Samples.NOW;
import static org.skerry.board.document.Samples.PUBLISHER;
import static org.skerry.board.document.Samples.VOLUNTEER;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.document.Claim;
import org.skerry.board.document.EnvelopeReader;
import org.skerry.board.document.Samples;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.UnitDocument;
import org.skerry.board.document.Verdict;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.document.Withdrawal;
import org.skerry.dht.record.Sender;
import org.skerry.dht.routing.Origin;
import org.skerry.libp2p.crypto.PrivateKey;

final class BoardTest {
  private static final Task TASK =
      Samples.task(Samples.policy(2, EVALUATOR, Samples.key(20), Samples.key(21)), 2);
  private static final int UNIT = 1;

  private static Board empty() {
    return Board.empty(TASK.charter(), UNIT);
  }

  /**
   * Far more documents of every kind than slots, by named and by unknown peers, some conflicting.
   */
  private static List<SignedDocument<? extends UnitDocument>> history(Random random, int size) {
    List<PrivateKey> keys = new ArrayList<>(List.of(PUBLISHER, EVALUATOR, Samples.key(20)));
    for (int i = 0; i < 40; i++) {
      keys.add(Samples.key(100 + i));
    }
    List<SignedDocument<? extends UnitDocument>> out = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      PrivateKey key = keys.get(random.nextInt(keys.size()));
      long sequence = NOW + random.nextInt(6);
      out.add(
          switch (random.nextInt(5)) {
            case 0 -> SignedDocument.seal(key, Samples.claim(key, TASK.id(), UNIT, sequence));
            case 1 -> weights(key, sequence, random.nextInt(3));
            case 2 ->
                Standings.claim(
                    keys.get(3 + random.nextInt(12)),
                    TASK,
                    UNIT,
                    sequence,
                    EVALUATOR,
                    NOW + random.nextInt(9));
            case 3 -> {
              PrivateKey evaluator = keys.get(random.nextInt(6));
              yield SignedDocument.seal(
                  evaluator,
                  Samples.attestation(
                      evaluator,
                      NOW + random.nextInt(3),
                      weights(key, sequence, 0),
                      Samples.good(0.4),
                      random.nextBoolean() ? Verdict.ACCEPTED : Verdict.REFUSED));
            }
            default ->
                SignedDocument.seal(
                    key,
                    new Withdrawal(
                        TASK.id(),
                        UNIT,
                        Samples.peer(key),
                        sequence,
                        sequence,
                        Optional.of(weights(key, NOW, 0).id()),
                        "reason " + random.nextInt(2)));
          });
    }
    return out;
  }

  private static SignedDocument<WeightManifest> weights(
      PrivateKey key, long sequence, int variant) {
    return SignedDocument.seal(
        key, Samples.weights(key, TASK.id(), UNIT, sequence, "weights " + variant));
  }

  private static Board fold(List<SignedDocument<? extends UnitDocument>> documents) {
    Board board = empty();
    for (SignedDocument<? extends UnitDocument> document : documents) {
      board = board.with(document);
    }
    return board;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void holdsTheSameBytesAfterAnyOrderDuplicationAndDetour(long seed) {
    Random random = new Random(seed);
    var history = history(random, 250);
    Board expected = fold(history);
    for (int round = 0; round < 4; round++) {
      var shuffled = new ArrayList<>(history);
      shuffled.addAll(history.subList(0, random.nextInt(history.size())));
      Collections.shuffle(shuffled, random);
      List<Board> replicas = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        replicas.add(empty());
      }
      for (var document : shuffled) {
        int at = random.nextInt(replicas.size());
        replicas.set(at, replicas.get(at).with(document));
        int from = random.nextInt(replicas.size());
        int to = random.nextInt(replicas.size());
        replicas.set(to, replicas.get(to).merge(replicas.get(from)));
      }
      Board joined = empty();
      for (Board replica : replicas) {
        joined = joined.merge(replica);
      }
      assertThat(joined.encoded())
          .as("seed %d round %d", seed, round)
          .isEqualTo(expected.encoded());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void mergesAssociativelyCommutativelyAndIdempotently(long seed) {
    Random random = new Random(seed);
    Board a = fold(history(random, 120));
    Board b = fold(history(random, 120));
    Board c = fold(history(random, 120));
    assertThat(a.merge(b).merge(c)).as("seed %d", seed).isEqualTo(a.merge(b.merge(c)));
    assertThat(a.merge(b)).as("seed %d", seed).isEqualTo(b.merge(a));
    assertThat(a.merge(a)).as("seed %d", seed).isEqualTo(a);
    assertThat(a.merge(b).merge(b)).as("seed %d", seed).isEqualTo(a.merge(b));
    assertThat(a).as("seed %d: the boards differ", seed).isNotEqualTo(b);
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22})
  void convergesAlthoughSomeMergesAreLost(long seed) {
    Random random = new Random(seed);
    var history = history(random, 120);
    List<Board> replicas = new ArrayList<>(List.of(empty(), empty(), empty(), empty()));
    for (var document : history) {
      int at = random.nextInt(replicas.size());
      replicas.set(at, replicas.get(at).with(document));
    }
    for (int round = 0; round < 60; round++) {
      int from = random.nextInt(replicas.size());
      int to = random.nextInt(replicas.size());
      if (random.nextInt(3) > 0) {
        replicas.set(to, replicas.get(to).merge(replicas.get(from)));
      }
    }
    Board expected = fold(history);
    assertThat(replicas)
        .as("seed %d", seed)
        .allSatisfy(replica -> assertThat(replica.encoded()).isEqualTo(expected.encoded()));
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33})
  void readsBackTheBytesItWrites(long seed) {
    Board board = fold(history(new Random(seed), 300));
    Board read = decode(board.encoded());
    assertThat(read).isEqualTo(board);
    assertThat(read.encoded()).isEqualTo(board.encoded());
  }

  private static Board decode(byte[] bytes) {
    return BoardCodec.decode(TASK.id(), UNIT, bytes, EnvelopeReader.ANEW);
  }

  @Test
  void fitsAFullBoardOfTheLargestDocumentsIntoItsLimit() {
    for (int evaluators = 1; evaluators <= 5; evaluators++) {
      PrivateKey[] keys = new PrivateKey[evaluators];
      for (int i = 0; i < evaluators; i++) {
        keys[i] = Samples.key(20 + i);
      }
      Task task = Samples.task(Samples.policy(1, keys), 2);
      BoardRules rules = new BoardRules(task.charter(), UNIT);
      int attestations = 0;
      for (int group = 0; group <= 2 * evaluators; group++) {
        attestations += rules.attestationQuota(group);
      }
      int bytes =
          1024
              + 640 * (rules.claimQuota(0) + rules.claimQuota(1))
              + (640 + 1536 + 768) * rules.claimQuota(2)
              + 768 * (rules.manifestQuota(0) + rules.manifestQuota(1))
              + 1536 * attestations
              + 768 * (rules.withdrawalQuota(0) + rules.withdrawalQuota(1));
      assertThat(bytes + 512).as("%d evaluators", evaluators).isLessThanOrEqualTo(Board.MAX_BYTES);
    }
  }

  @Test
  void keepsTheNamedPeersWhenStrangersFloodIt() {
    Board board = empty();
    for (int i = 0; i < 100; i++) {
      PrivateKey stranger = Samples.key(1000 + i);
      board =
          board.with(
              SignedDocument.seal(stranger, Samples.claim(stranger, TASK.id(), UNIT, NOW + i)));
    }
    board =
        board
            .with(SignedDocument.seal(EVALUATOR, Samples.claim(EVALUATOR, TASK.id(), UNIT, NOW)))
            .with(SignedDocument.seal(PUBLISHER, Samples.claim(PUBLISHER, TASK.id(), UNIT, NOW)));
    assertThat(board.claims()).hasSize(9 + 2);
    assertThat(board.claims())
        .extracting(SignedDocument::signer)
        .contains(Samples.peer(EVALUATOR), Samples.peer(PUBLISHER));
  }

  @Test
  void keepsWhatAnEvaluatorAcceptedWhenItRefusesAFlood() {
    SignedDocument<WeightManifest> good = weights(VOLUNTEER, NOW, 0);
    Board board = empty().with(attest(EVALUATOR, good, Verdict.ACCEPTED));
    for (int i = 0; i < 100; i++) {
      SignedDocument<WeightManifest> bad = weights(Samples.key(1000 + i), NOW + 1_000 + i, 1);
      board = board.with(attest(EVALUATOR, bad, Verdict.REFUSED));
      board = board.with(attest(Samples.key(20), bad, Verdict.ACCEPTED));
    }
    assertThat(board.attestations())
        .anySatisfy(attestation -> {
          assertThat(attestation.signer()).isEqualTo(Samples.peer(EVALUATOR));
          assertThat(attestation.document().manifest()).isEqualTo(good);
        });
  }

  @Test
  void keepsTheNewestManifestsAnEvaluatorAccepted() {
    Board board = empty();
    for (int i = 0; i < 50; i++) {
      board = board.with(attest(EVALUATOR, weights(VOLUNTEER, NOW + i, i), Verdict.ACCEPTED));
    }
    assertThat(board.attestations().getFirst().document().manifest().document().sequence())
        .isEqualTo(NOW + 49);
    assertThat(board.attestations()).hasSize(4);
  }

  private static SignedDocument<? extends UnitDocument> attest(
      PrivateKey evaluator, SignedDocument<WeightManifest> manifest, Verdict verdict) {
    return SignedDocument.seal(
        evaluator, Samples.attestation(evaluator, NOW, manifest, Samples.good(0.4), verdict));
  }

  @Test
  void keepsTheHighestSequenceAndReportsTwoThingsUnderOne() {
    SignedDocument<Claim> old = claim(NOW, 0);
    SignedDocument<Claim> renewed = claim(NOW + 1, 0);
    assertThat(empty().with(renewed).with(old).claims()).containsExactly(renewed);
    SignedDocument<Claim> conflicting = claim(NOW + 1, 99);
    Board one = empty().with(renewed);
    Board other = empty().with(conflicting);
    assertThat(one.equivocations(other)).containsExactly(new Equivocation(renewed, conflicting));
    assertThat(one.equivocations(one)).isEmpty();
    assertThat(one.merge(other).claims()).hasSize(1).isEqualTo(other.merge(one).claims());
  }

  private static SignedDocument<Claim> claim(long sequence, long step) {
    return SignedDocument.seal(
        VOLUNTEER,
        new Claim(
            TASK.id(),
            UNIT,
            Samples.peer(VOLUNTEER),
            sequence,
            NOW,
            sequence,
            1000,
            "cpu",
            1,
            step));
  }

  @Test
  void refusesDocumentsThatBelongElsewhere() {
    assertRefused(
        Refusal.WRONG_TASK,
        () -> empty().with(seal(Samples.claim(VOLUNTEER, Samples.document("x"), UNIT, NOW))));
    assertRefused(
        Refusal.WRONG_UNIT, () -> empty().with(seal(Samples.claim(VOLUNTEER, TASK.id(), 0, NOW))));
    assertRefused(Refusal.WRONG_UNIT, () -> Board.empty(TASK.charter(), 3));
    assertRefused(
        Refusal.LEASE_TOO_LONG,
        () ->
            empty()
                .with(
                    seal(
                        new Claim(
                            TASK.id(),
                            UNIT,
                            Samples.peer(VOLUNTEER),
                            NOW,
                            NOW,
                            NOW,
                            Samples.LEASE_MS + 1,
                            "cpu",
                            1,
                            1))));
    assertRefused(
        Refusal.NOT_THE_PUBLISHER,
        () ->
            empty()
                .with(
                    SignedDocument.seal(
                        VOLUNTEER,
                        new Withdrawal(
                            TASK.id(),
                            Withdrawal.WHOLE_TASK,
                            Samples.peer(VOLUNTEER),
                            NOW,
                            NOW,
                            Optional.empty(),
                            "mine now"))));
  }

  private static SignedDocument<Claim> seal(Claim claim) {
    return SignedDocument.seal(VOLUNTEER, claim);
  }

  @Test
  void refusesABoardOfAnotherTaskOrUnitThanItsKeySays() {
    byte[] bytes = fold(history(new Random(1), 50)).encoded();
    assertRefused(
        Refusal.WRONG_TASK,
        () -> BoardCodec.decode(Samples.document("other"), UNIT, bytes, EnvelopeReader.ANEW));
    assertRefused(
        Refusal.WRONG_UNIT, () -> BoardCodec.decode(TASK.id(), 0, bytes, EnvelopeReader.ANEW));
  }

  @Test
  void refusesACharterThatIsNotTheTasks() {
    Task forged =
        Task.seal(VOLUNTEER, NOW, 2, Samples.LEASE_MS, Samples.policy(), Samples.manifest());
    assertRefused(Refusal.WRONG_TASK, () -> decode(Board.empty(forged.charter(), UNIT).encoded()));
  }

  @ParameterizedTest
  @ValueSource(longs = {41, 42})
  void refusesOrRereadsEveryMutation(long seed) {
    Random random = new Random(seed);
    byte[] good = fold(history(random, 30)).encoded();
    VerifiedEnvelopes verified = new VerifiedEnvelopes(1000);
    for (int round = 0; round < 300; round++) {
      byte[] bad = good.clone();
      bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      assertThatThrownBy(() -> BoardCodec.decode(TASK.id(), UNIT, bad, verified.unlimited()))
          .as("seed %d round %d", seed, round)
          .isInstanceOf(BoardException.class);
    }
  }

  @Test
  void checksASignatureOnceAndStopsAtTheBudget() {
    byte[] bytes = fold(history(new Random(7), 60)).encoded();
    VerifiedEnvelopes verified = new VerifiedEnvelopes(1000);
    BoardCodec.decode(TASK.id(), UNIT, bytes, verified.unlimited());
    long first = verified.checks();
    assertThat(first).isGreaterThan(20);
    VerificationBudget none = () -> Optional.of(Refusal.BUDGET_EXHAUSTED);
    BoardCodec.decode(TASK.id(), UNIT, bytes, verified.within(none));
    assertThat(verified.checks()).isEqualTo(first);

    VerificationBudget budget =
        new PeerBudgets(1, 5, () -> Instant.ofEpochMilli(NOW))
            .of(new Sender.Remote(Samples.peer(Samples.key(41)), Origin.UNKNOWN));
    VerifiedEnvelopes fresh = new VerifiedEnvelopes(1000);
    assertRefused(
        Refusal.BUDGET_EXHAUSTED,
        () -> BoardCodec.decode(TASK.id(), UNIT, bytes, fresh.within(budget)));
    assertThat(fresh.checks()).isEqualTo(6);
  }

  @Test
  void forgetsTheOldestEnvelopesBeyondItsCapacity() {
    byte[] bytes = fold(history(new Random(7), 60)).encoded();
    VerifiedEnvelopes small = new VerifiedEnvelopes(3);
    BoardCodec.decode(TASK.id(), UNIT, bytes, small.unlimited());
    long first = small.checks();
    BoardCodec.decode(TASK.id(), UNIT, bytes, small.unlimited());
    assertThat(small.checks()).isGreaterThan(first);
  }

  private static void assertRefused(Refusal refusal, Runnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            BoardException.class,
            e -> assertThat(e.refusal()).as(e.getMessage()).isEqualTo(refusal));
  }
}
