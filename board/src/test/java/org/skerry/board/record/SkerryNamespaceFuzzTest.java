package org.skerry.board.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.Optional;
import org.skerry.board.BoardException;
import org.skerry.board.RefusalCounts;
import org.skerry.board.document.Samples;
import org.skerry.board.merge.PeerBudgets;
import org.skerry.board.merge.VerifiedEnvelopes;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.record.Sender;
import org.skerry.dht.routing.Origin;
import org.skerry.libp2p.testing.FakeClock;
import org.skerry.libp2p.testing.Hostile;

class SkerryNamespaceFuzzTest {
  private static final Sender STRANGER =
      new Sender.Remote(Samples.peer(Samples.key(41)), new Origin("0b01"));

  /** A key behind its size, and a value. */
  @FuzzTest
  void record(byte[] in) {
    RefusalCounts counts = new RefusalCounts();
    SkerryNamespace namespace =
        new SkerryNamespace(
            new VerifiedEnvelopes(100),
            new PeerBudgets(new FakeClock()),
            counts,
            new EquivocationLog(counts));
    int size = in.length == 0 ? 0 : Math.min(in[0] & 0xff, in.length - 1);
    byte[] key = Arrays.copyOfRange(in, Math.min(1, in.length), Math.min(1, in.length) + size);
    byte[] value = Arrays.copyOfRange(in, Math.min(1, in.length) + size, in.length);
    Optional<Rejection> refused = namespace.validate(STRANGER, key, value);
    if (refused.isEmpty()) {
      assertThat(namespace.merge(key, value, value)).isEqualTo(value);
      assertThat(counts.snapshot()).isEmpty();
    } else {
      assertThat(counts.snapshot()).hasSize(1);
    }
    Hostile.read(BoardException.class, () -> RecordKey.parse(key))
        .ifPresent(parsed -> assertThat(parsed.bytes()).isEqualTo(key));
  }
}
