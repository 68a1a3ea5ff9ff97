package org.skerry.board.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.RefusalCounts;
import org.skerry.board.document.EnvelopeReader;
import org.skerry.board.document.KeyRecord;
import org.skerry.board.document.KeyStatement;
import org.skerry.board.document.Samples;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.merge.VerifiedEnvelopes;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.testing.FakeClock;

final class KeyDirectoryTest {
  private static final PrivateKey KEY = Samples.key(31);
  private static final PrivateKey RECOVERY = Samples.key(32);
  private static final PrivateKey NEXT = Samples.key(33);
  private static final PrivateKey THIEF = Samples.key(34);
  private static final PeerId OLD = Samples.peer(KEY);
  private static final PeerId NEW = Samples.peer(NEXT);
  private static final Duration LATER = Duration.ofSeconds(11);

  /** Joins records as the peers of the network do. */
  private static final class JoiningNetwork implements RecordNetwork {
    final Map<String, byte[]> records = new HashMap<>();
    final EquivocationLog log = new EquivocationLog(new RefusalCounts());
    int reads;
    boolean down;

    @Override
    public Optional<byte[]> get(byte[] key) throws IOException {
      reads++;
      requireUp();
      return Optional.ofNullable(records.get(RecordKey.parse(key).text()));
    }

    @Override
    public void put(byte[] key, byte[] value) throws IOException {
      requireUp();
      RecordKey name = RecordKey.parse(key);
      SkerryRecords.validate(name, value, EnvelopeReader.ANEW);
      records.merge(
          name.text(),
          value,
          (known, news) -> SkerryRecords.merge(name, known, news, EnvelopeReader.ANEW, log));
    }

    private void requireUp() throws IOException {
      if (down) {
        throw new IOException("no route to any peer");
      }
    }
  }

  private final JoiningNetwork network = new JoiningNetwork();
  private final RefusalCounts counts = new RefusalCounts();
  private final FakeClock clock = new FakeClock();
  private final KeyBeliefs beliefs = new MemoryKeyBeliefs();
  private final KeyDirectory reader = reader(beliefs);

  private KeyDirectory reader(KeyBeliefs memory) {
    return new KeyDirectory(network, new VerifiedEnvelopes(100), memory, counts, clock);
  }

  private KeyDirectory newcomer() {
    return reader(new MemoryKeyBeliefs());
  }

  private void say(SignedDocument<? extends KeyStatement> statement) throws IOException {
    KeyRecord record = KeyRecord.of(statement);
    network.put(
        new RecordKey.StatementsKey(record.key(), record.signer()).bytes(), record.encoded());
  }

  private static void assertRefused(Refusal refusal, Runnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            BoardException.class,
            e -> assertThat(e.refusal()).as(e.getMessage()).isEqualTo(refusal));
  }

  @Test
  void followsSuccessorsAsFarAsTheyGoAndNoFurtherThanEight() throws Exception {
    assertThat(reader.current(OLD)).isEqualTo(OLD);
    for (int i = 40; i < 40 + KeyDirectory.MAX_SUCCESSIONS; i++) {
      say(Samples.succession(Samples.key(i), Samples.key(i), Samples.key(i + 1)));
    }
    PeerId last = Samples.peer(Samples.key(40 + KeyDirectory.MAX_SUCCESSIONS));
    assertThat(reader.current(Samples.peer(Samples.key(40)))).isEqualTo(last);
    assertThat(reader.isOf(Samples.peer(Samples.key(43)), last)).isTrue();
    assertThat(reader.isOf(last, Samples.peer(Samples.key(43)))).isFalse();
    say(Samples.succession(Samples.key(39), Samples.key(39), Samples.key(40)));
    assertRefused(Refusal.KEY_DISPUTED, () -> reader.current(Samples.peer(Samples.key(39))));
  }

  @Test
  void refusesSuccessorsThatLeadInACircle() throws Exception {
    say(Samples.succession(KEY, KEY, NEXT));
    say(Samples.succession(NEXT, NEXT, THIEF));
    say(Samples.succession(THIEF, THIEF, KEY));
    assertThatThrownBy(() -> reader.current(OLD)).hasMessageContaining("in a circle");
    assertRefused(Refusal.KEY_DISPUTED, () -> reader.current(NEW));
    assertThat(counts.of(Refusal.KEY_DISPUTED)).isEqualTo(2);
  }

  @Test
  void asksAgainAfterAWhileAndNotBefore() throws Exception {
    assertThat(reader.current(OLD)).isEqualTo(OLD);
    int reads = network.reads;
    say(Samples.succession(KEY, KEY, NEXT));
    assertThat(reader.current(OLD)).isEqualTo(OLD);
    assertThat(network.reads).isEqualTo(reads);
    clock.advance(LATER);
    assertThat(reader.current(OLD)).isEqualTo(NEW);
  }

  @Test
  void remembersForGoodWhateverTheNetworkShowsLater() throws Exception {
    say(Samples.recovery(KEY, RECOVERY));
    say(Samples.succession(RECOVERY, KEY, NEXT));
    assertThat(reader.current(OLD)).isEqualTo(NEW);
    network.records.clear();
    say(Samples.recovery(KEY, THIEF));
    say(Samples.succession(KEY, KEY, THIEF));
    clock.advance(LATER);
    assertThat(reader.current(OLD)).isEqualTo(NEW);
    KeyDirectory restarted = reader(beliefs);
    assertThat(restarted.current(OLD)).isEqualTo(NEW);
    network.down = true;
    clock.advance(LATER);
    assertThat(restarted.current(OLD)).isEqualTo(NEW);
    assertThat(newcomer().current(OLD)).as("who is shown nothing").isEqualTo(OLD);
  }

  @Test
  void keepsARevocationAliveThatOthersForgot() throws Exception {
    say(Samples.recovery(KEY, RECOVERY));
    say(Samples.revocation(RECOVERY, KEY, Optional.empty()));
    assertRefused(Refusal.KEY_REVOKED, () -> reader.current(OLD));
    network.records.clear();
    assertThat(newcomer().current(OLD)).isEqualTo(OLD);
    assertThat(reader.announceAll()).isZero();
    assertRefused(Refusal.KEY_REVOKED, () -> newcomer().current(OLD));
    assertThat(newcomer().isDisbelieved(OLD)).isTrue();
    assertThat(newcomer().isEnded(OLD)).isTrue();
    say(Samples.succession(RECOVERY, KEY, NEXT));
    assertThat(newcomer().isDisbelieved(OLD)).isTrue();
    assertThat(newcomer().isEnded(OLD)).isFalse();
    network.down = true;
    assertThat(reader.announceAll()).as("records nobody took").isPositive();
  }

  @Test
  void noFloodOfAThiefHidesTheRecoveryKeysWordFromWhoKnowsIt() throws Exception {
    say(Samples.recovery(KEY, RECOVERY));
    assertThat(reader.current(OLD)).isEqualTo(OLD);
    for (int i = 50; i < 60; i++) {
      say(Samples.recovery(KEY, Samples.key(i)));
      say(Samples.succession(KEY, KEY, Samples.key(i)));
      say(Samples.succession(Samples.key(i), KEY, Samples.key(i + 1)));
    }
    say(Samples.succession(RECOVERY, KEY, NEXT));
    clock.advance(LATER);
    assertThat(reader.current(OLD)).isEqualTo(NEW);
    assertRefused(Refusal.KEY_DISPUTED, () -> newcomer().current(OLD));
    assertThat(newcomer().isDisbelieved(OLD)).isTrue();
    assertThat(newcomer().isEnded(OLD)).isTrue();
    assertThat(reader.isDisbelieved(OLD)).as("handed over, not revoked").isFalse();
  }

  @Test
  void aDamagedOrForeignRecordChangesNothingAndIsCounted() throws Exception {
    KeyRecord record = KeyRecord.of(Samples.succession(THIEF, KEY, THIEF));
    network.records.put(new RecordKey.StatementsKey(OLD, OLD).text(), record.encoded());
    assertThat(reader.current(OLD)).isEqualTo(OLD);
    assertThat(counts.of(Refusal.ID_MISMATCH)).isEqualTo(1);
    assertThatThrownBy(
            () -> network.put(new RecordKey.StatementsKey(OLD, OLD).bytes(), record.encoded()))
        .isInstanceOf(BoardException.class);
  }
}
