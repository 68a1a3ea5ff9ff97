package org.skerry.transfer.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.transfer.limit.Rates;
import org.skerry.transfer.limit.UploadQueue;

class UploadSlotsTest {
  private final UploadQueue queue = UploadQueue.unlimited();
  private final UploadSlots slots = new UploadSlots(UploadLimits.DEFAULT, queue);

  @Test
  void sendsAwayAsManyStreamsAsALowerRateCannotFeed() {
    for (int i = 0; i < 20; i++) {
      assertThat(slots.take(peer(i))).isTrue();
    }
    assertThat(slots.sendsAway()).isFalse();
    queue.set(new Rates(8 * Rates.SLOWEST, Rates.ANY));
    assertThat(IntStream.range(0, 20).filter(i -> slots.sendsAway()).count()).isEqualTo(12);

    for (int i = 0; i < 12; i++) {
      assertThat(slots.take(peer(100))).isFalse();
      slots.give(peer(i));
    }
    assertThat(slots.taken()).isEqualTo(8);
    assertThat(slots.sendsAway()).isFalse();
    slots.give(peer(12));
    assertThat(slots.take(peer(100))).isTrue();
    assertThat(slots.sendsAway()).isFalse();
  }

  private static PeerId peer(int number) {
    return new PeerId(Multihash.sha256(new byte[] {(byte) number}));
  }
}
