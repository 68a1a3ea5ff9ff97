package org.skerry.board.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.skerry.board.document.Samples.EVALUATOR;
import static org.skerry.board.document.Samples.NOW;
import static org.skerry.board.document.Samples.PUBLISHER;
import static org.skerry.board.document.Samples.VOLUNTEER;

import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.RefusalCounts;
import org.skerry.board.document.Catalog;
import org.skerry.board.document.Claim;
import org.skerry.board.document.KeyRecord;
import org.skerry.board.document.KeyStatement;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.Samples;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.Verdict;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.document.Withdrawal;
import org.skerry.board.merge.Board;
import org.skerry.board.merge.VerifiedEnvelopes;
import org.skerry.libp2p.crypto.PrivateKey;

final class BoardClientTest {
  /** One place that holds all records and joins them as a peer of the network would. */
  private static final class OneShelfNetwork implements RecordNetwork {
    final Map<String, byte[]> records = new HashMap<>();
    boolean down;

    @Override
    public Optional<byte[]> get(byte[] key) throws IOException {
      requireUp();
      return Optional.ofNullable(records.get(RecordKey.parse(key).text()));
    }

    @Override
    public void put(byte[] key, byte[] value) throws IOException {
      requireUp();
      records.put(RecordKey.parse(key).text(), value);
    }

    private void requireUp() throws IOException {
      if (down) {
        throw new IOException("no route to any peer");
      }
    }
  }

  private static final Task TASK = Samples.task();

  private final OneShelfNetwork network = new OneShelfNetwork();
  private final RefusalCounts counts = new RefusalCounts();
  private final SequenceStore store = new MemorySequenceStore();
  private final BoardClient client = client(store);

  private BoardClient client(SequenceStore store) {
    VerifiedEnvelopes verified = new VerifiedEnvelopes(1000);
    KeyDirectory keys =
        new KeyDirectory(
            network, verified, new MemoryKeyBeliefs(), counts, () -> Instant.ofEpochMilli(NOW));
    return new BoardClient(network, verified, store, counts, new EquivocationLog(counts), keys);
  }

  private static SignedDocument<Claim> claim(PrivateKey key, long sequence) {
    return SignedDocument.seal(key, Samples.claim(key, TASK.id(), 1, sequence));
  }

  private static SignedDocument<Catalog> catalog(long sequence) {
    return SignedDocument.seal(PUBLISHER, Samples.catalog(sequence));
  }

  @Test
  void findsAPublishedTaskByItsId() {
    client.publishTask(TASK);
    assertThat(client(new MemorySequenceStore()).task(TASK.id())).isEqualTo(TASK);
  }

  @Test
  void readsTheBoardsOfAnExtensionAtTheirHomes() {
    Task next = Samples.extended(TASK);
    client.publishTask(TASK);
    client.publishTask(next);
    client.post(TASK, claim(VOLUNTEER, NOW));
    BoardClient other = client(new MemorySequenceStore());
    Lineage lineage = other.lineage(other.task(next.id()));
    assertThat(lineage.versions()).containsExactly(next, TASK);
    assertThat(other.boards(lineage)).hasSize(4);
    assertThat(other.boards(lineage).get(1).claims()).containsExactly(claim(VOLUNTEER, NOW));
    assertThat(other.boards(lineage)).extracting(Board::task).containsOnly(TASK.id(), next.id());
  }

  @Test
  void leavesAnExtensionAloneWhoseParentIsHeldBackOrIsNone() {
    Task next = Samples.extended(TASK);
    client.publishTask(next);
    BoardClient other = client(new MemorySequenceStore());
    assertRefused(Refusal.NOT_FOUND, () -> other.lineage(next));
    Task foreign = Samples.sealed(Samples.key(66), TASK, next.manifest());
    client.publishTask(TASK);
    assertRefused(Refusal.NOT_AN_EXTENSION, () -> other.lineage(foreign));
    assertThat(counts.of(Refusal.NOT_AN_EXTENSION)).isEqualTo(1);
  }

  @Test
  void saysThatATaskIsNotThere() {
    assertRefused(Refusal.NOT_FOUND, () -> client.task(TASK.id()));
    assertThatThrownBy(() -> client.task(TASK.id())).hasMessageContaining(TASK.id().toString());
  }

  @Test
  void saysThatTheNetworkFailed() {
    network.down = true;
    assertRefused(Refusal.NETWORK_FAILED, () -> client.task(TASK.id()));
    assertThat(counts.of(Refusal.NETWORK_FAILED)).isEqualTo(1);
  }

  @Test
  void refusesAndCountsAForeignTaskUnderAnId() {
    Task other = Samples.task(Samples.policy(), 1);
    network.records.put(new RecordKey.TaskKey(TASK.id()).text(), other.encoded());
    assertRefused(Refusal.ID_MISMATCH, () -> client.task(TASK.id()));
    assertThat(counts.of(Refusal.ID_MISMATCH)).isEqualTo(1);
  }

  @Test
  void neverRollsACatalogBack() {
    assertThat(client.catalog(Samples.peer(PUBLISHER))).isEmpty();
    client.publishCatalog(catalog(NOW + 5));
    String key = new RecordKey.CatalogKey(Samples.peer(PUBLISHER)).text();
    network.records.put(key, catalog(NOW).bytes());
    assertThat(client.catalog(Samples.peer(PUBLISHER))).contains(catalog(NOW + 5));
    assertThat(counts.of(Refusal.ROLLED_BACK)).isEqualTo(1);
    assertRefused(Refusal.ROLLED_BACK, () -> client.publishCatalog(catalog(NOW + 4)));
    network.records.clear();
    assertThat(client.catalog(Samples.peer(PUBLISHER))).contains(catalog(NOW + 5));
    network.records.put(key, catalog(NOW).bytes());
    assertRefused(Refusal.ROLLED_BACK, () -> client(store).catalog(Samples.peer(PUBLISHER)));
  }

  private void say(SignedDocument<? extends KeyStatement> statement) {
    KeyRecord record = KeyRecord.of(statement);
    network.records.put(
        new RecordKey.StatementsKey(record.key(), record.signer()).text(), record.encoded());
  }

  @Test
  void findsASuccessorsCatalogWhichMayNameTheTasksOfTheKeyBefore() {
    PrivateKey next = Samples.key(7);
    client.publishTask(TASK);
    SignedDocument<Catalog> names =
        SignedDocument.seal(
            next,
            new Catalog(
                Samples.peer(next), 1, NOW, new TreeMap<>(Map.of("emoji-faces", TASK.id()))));
    client.publishCatalog(names);
    client.publishCatalog(catalog(NOW));
    assertThat(client.currentCatalog(Samples.peer(PUBLISHER))).contains(catalog(NOW));
    assertRefused(Refusal.NOT_THE_PUBLISHER, () -> client.offered(names, TASK.id()));

    say(Samples.succession(PUBLISHER, PUBLISHER, next));
    BoardClient reader = client(new MemorySequenceStore());
    assertThat(reader.currentCatalog(Samples.peer(PUBLISHER))).contains(names);
    assertThat(reader.offered(names, TASK.id())).isEqualTo(TASK);
    assertThat(reader.offered(catalog(NOW), TASK.id())).as("its own").isEqualTo(TASK);
  }

  @Test
  void doesNotCountWhatRevokedKeysAcceptedOrTookBackAndPassesItOnAllTheSame() {
    SignedDocument<WeightManifest> weights =
        SignedDocument.seal(VOLUNTEER, Samples.weights(VOLUNTEER, TASK.id(), 1, NOW, "w"));
    client.post(
        TASK,
        SignedDocument.seal(
            EVALUATOR,
            Samples.attestation(EVALUATOR, NOW, weights, Samples.good(0.4), Verdict.ACCEPTED)));
    withdraw();
    say(Samples.revocation(EVALUATOR, EVALUATOR, Optional.empty()));
    BoardClient reader = client(new MemorySequenceStore());
    assertThat(reader.board(TASK, 1).attestations()).isEmpty();
    assertThat(reader.board(TASK, 1).withdrawals()).hasSize(1);
    say(Samples.revocation(PUBLISHER, PUBLISHER, Optional.empty()));
    reader = client(new MemorySequenceStore());
    assertThat(reader.board(TASK, 1).withdrawals()).isEmpty();
    assertRefused(Refusal.KEY_REVOKED, () -> client(store).currentCatalog(Samples.peer(PUBLISHER)));
    reader.post(TASK, claim(VOLUNTEER, NOW));
    assertThat(reader.boardAsWritten(TASK, 1).attestations()).hasSize(1);
    assertThat(client(new MemorySequenceStore()).boardAsWritten(TASK, 1).withdrawals())
        .as("what was joined and put again")
        .hasSize(1);
  }

  @Test
  void addsToABoardWhatOthersWroteBefore() {
    client.post(TASK, claim(VOLUNTEER, NOW));
    PrivateKey other = Samples.key(9);
    client(new MemorySequenceStore()).post(TASK, claim(other, NOW));
    assertThat(client.board(TASK, 1).claims())
        .containsExactlyInAnyOrder(claim(VOLUNTEER, NOW), claim(other, NOW));
    assertThat(client.board(TASK, 0).claims()).isEmpty();
  }

  @Test
  void sendsWithTheNextWriteWhatAFailedOneLeftBehind() {
    network.down = true;
    assertRefused(Refusal.NETWORK_FAILED, () -> client.post(TASK, claim(VOLUNTEER, NOW)));
    network.down = false;
    PrivateKey other = Samples.key(9);
    client.post(TASK, claim(other, NOW));
    assertThat(client(new MemorySequenceStore()).board(TASK, 1).claims()).hasSize(2);
  }

  @Test
  void keepsWhatItKnewWhenAPeerWithholdsIt() {
    client.post(TASK, claim(VOLUNTEER, NOW));
    network.records.clear();
    assertThat(client.board(TASK, 1).claims()).containsExactly(claim(VOLUNTEER, NOW));
  }

  @Test
  void postsAWithdrawalOfTheTaskOnEveryBoard() {
    withdraw();
    for (int unit = 0; unit < TASK.units().size(); unit++) {
      assertThat(client(new MemorySequenceStore()).board(TASK, unit).withdrawals()).hasSize(1);
    }
  }

  private void withdraw() {
    client.post(
        TASK,
        SignedDocument.seal(
            PUBLISHER,
            new Withdrawal(
                TASK.id(),
                Withdrawal.WHOLE_TASK,
                Samples.peer(PUBLISHER),
                NOW,
                NOW,
                Optional.empty(),
                "over")));
  }

  @Test
  void storesASequenceBeforeItIsUsedAndNeverRepeatsOne() {
    long[] now = {NOW};
    Sequences sequences = new Sequences(store, () -> Instant.ofEpochMilli(now[0]));
    assertThat(sequences.next("claim")).isEqualTo(NOW);
    assertThat(store.last("claim")).hasValue(NOW);
    assertThat(sequences.next("claim")).isEqualTo(NOW + 1);
    now[0] = NOW - 1000;
    Sequences restarted = new Sequences(store, () -> Instant.ofEpochMilli(now[0]));
    assertThat(restarted.next("claim")).as("a clock set back").isEqualTo(NOW + 2);
    now[0] = NOW + 5000;
    Sequences restored =
        new Sequences(new MemorySequenceStore(), () -> Instant.ofEpochMilli(now[0]));
    assertThat(restored.next("claim")).as("a lost store").isEqualTo(NOW + 5000);
  }

  private static void assertRefused(Refusal refusal, Runnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            BoardException.class,
            e -> assertThat(e.refusal()).as(e.getMessage()).isEqualTo(refusal));
  }
}
