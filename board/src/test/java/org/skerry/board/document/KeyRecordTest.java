package org.skerry.board.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.skerry.board.document.Samples.PUBLISHER;
import static org.skerry.board.document.Samples.VOLUNTEER;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.dagcbor.DagCbor;
import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.crypto.PrivateKey;

final class KeyRecordTest {
  private static final KeyRecord FIRST =
      KeyRecord.of(Samples.succession(PUBLISHER, PUBLISHER, Samples.key(21)));

  private static KeyRecord successions(int... next) {
    return Arrays.stream(next)
        .mapToObj(key -> Samples.succession(PUBLISHER, PUBLISHER, Samples.key(key)))
        .map(KeyRecord::of)
        .reduce(KeyRecord::merge)
        .orElseThrow();
  }

  /** Some of what whoever has the publisher's key can say. */
  private static List<KeyRecord> statements() {
    List<KeyRecord> all = new ArrayList<>();
    for (int other = 20; other < 25; other++) {
      PrivateKey key = Samples.key(other);
      all.add(KeyRecord.of(Samples.recovery(PUBLISHER, key)));
      all.add(KeyRecord.of(Samples.succession(PUBLISHER, PUBLISHER, key)));
      all.add(KeyRecord.of(Samples.revocation(PUBLISHER, PUBLISHER, Optional.of(key))));
    }
    all.add(KeyRecord.of(Samples.revocation(PUBLISHER, PUBLISHER, Optional.empty())));
    return all;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void comesToTheSameBytesHoweverItIsJoined(long seed) {
    Random random = new Random(seed);
    List<KeyRecord> statements = statements();
    KeyRecord all = statements.stream().reduce(KeyRecord::merge).orElseThrow();
    for (int round = 0; round < 50; round++) {
      List<KeyRecord> parts = new ArrayList<>(statements);
      parts.addAll(statements);
      while (parts.size() > 1) {
        KeyRecord left = parts.remove(random.nextInt(parts.size()));
        KeyRecord right = parts.remove(random.nextInt(parts.size()));
        parts.add(left.merge(right));
      }
      assertThat(parts.getFirst().encoded())
          .as("seed %d, round %d", seed, round)
          .isEqualTo(all.encoded());
    }
    assertThat(all.encoded().length).isLessThanOrEqualTo(KeyRecord.MAX_BYTES);
    assertThat(all.recoveries()).hasSize(2);
    assertThat(all.successions()).hasSize(2);
    assertThat(all.revocations()).hasSize(2);
  }

  @Test
  void keepsAContradictionWhateverIsSaidOnTop() {
    KeyRecord two = successions(21, 22);
    assertThat(two.successions()).hasSize(2);
    assertThat(successions(21, 22, 23, 24, 25, 26).successions()).hasSize(2);
    assertThat(FIRST.merge(FIRST)).isEqualTo(FIRST);
  }

  @Test
  void readsWhatItWrites() {
    KeyRecord all = statements().stream().reduce(KeyRecord::merge).orElseThrow();
    assertThat(KeyRecord.decode(all.encoded(), EnvelopeReader.ANEW)).isEqualTo(all);
  }

  private static Value envelopes(SignedDocument<?>... documents) {
    return Value.list(Arrays.stream(documents).map(d -> new Value.BytesValue(d.bytes())).toList());
  }

  private static byte[] bytes(Value recoveries, Value successions, Value revocations) {
    TreeMap<String, Value> fields = new TreeMap<>(Value.KEY_ORDER);
    fields.put("version", new Value.IntValue(1));
    fields.put("recoveries", recoveries);
    fields.put("successions", successions);
    fields.put("revocations", revocations);
    return DagCbor.encode(Value.map(fields));
  }

  private static void assertRefused(Refusal refusal, byte[] bytes) {
    assertThatThrownBy(() -> KeyRecord.decode(bytes, EnvelopeReader.ANEW))
        .isInstanceOfSatisfying(
            BoardException.class,
            e -> assertThat(e.refusal()).as(e.getMessage()).isEqualTo(refusal));
  }

  @Test
  void refusesWhatIsOutOfOrderTooMuchNothingOrOfAnotherSignerOrKey() {
    Value none = envelopes();
    SignedDocument<Succession> a = successions(21, 22).successions().get(0);
    SignedDocument<Succession> b = successions(21, 22).successions().get(1);
    assertRefused(Refusal.NOT_CANONICAL, bytes(none, envelopes(b, a), none));
    assertRefused(Refusal.NOT_CANONICAL, bytes(none, envelopes(a, a), none));
    assertRefused(Refusal.OVER_QUOTA, bytes(none, envelopes(a, b, b), none));
    assertRefused(Refusal.MISSING_FIELD, bytes(none, none, none));
    SignedDocument<Recovery> recovery = Samples.recovery(PUBLISHER, Samples.key(21));
    assertRefused(Refusal.WRONG_KIND, bytes(none, envelopes(recovery), none));
    assertRefused(Refusal.WRONG_TYPE, bytes(new Value.IntValue(1), none, none));
    assertRefused(
        Refusal.ID_MISMATCH,
        bytes(none, envelopes(a, Samples.succession(VOLUNTEER, PUBLISHER, Samples.key(22))), none));
    assertRefused(
        Refusal.ID_MISMATCH,
        bytes(
            none,
            envelopes(a),
            envelopes(Samples.revocation(PUBLISHER, VOLUNTEER, Optional.empty()))));
    assertRefused(Refusal.TOO_LARGE, new byte[KeyRecord.MAX_BYTES + 1]);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void refusesEveryRecordWithAFlippedBit(long seed) {
    Random random = new Random(seed);
    byte[] good = FIRST.encoded();
    for (int round = 0; round < 200; round++) {
      byte[] bad = good.clone();
      int bit = random.nextInt(bad.length * 8);
      bad[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThatThrownBy(() -> KeyRecord.decode(bad, EnvelopeReader.ANEW))
          .as("seed %d, bit %d", seed, bit)
          .isInstanceOf(BoardException.class);
    }
  }
}
