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
    assertThat(slots.takeBack(peer(0))).isFalse();
    queue.set(new Rates(8 * Rates.SLOWEST, Rates.ANY));
    assertThat(slots.take(peer(100))).isFalse();
    slots.give(peer(19)); // Of its own accord.
    assertThat(IntStream.range(0, 19).filter(i -> slots.takeBack(peer(i))).boxed())
        .containsExactlyElementsOf(IntStream.range(0, 11).boxed().toList());

    assertThat(slots.taken()).isEqualTo(8);
    assertThat(slots.take(peer(100))).isFalse();
    slots.give(peer(12));
    assertThat(slots.take(peer(100))).isTrue();
    assertThat(slots.takeBack(peer(100))).isFalse();
  }

  private static PeerId peer(int number) {
    return new PeerId(Multihash.sha256(new byte[] {(byte) number}));
  }
}
