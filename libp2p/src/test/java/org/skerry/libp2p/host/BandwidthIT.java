package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Stream;

/** What is counted of each protocol and each peer. */
class BandwidthIT extends HostFixture {
  private static final int BYTES = 100_000;

  @Test
  void countsWhatStreamsCarryByProtocolAndByPeerOnBothSides() throws Exception {
    bob.handle(ECHO, HostFixture::echo);
    try (Stream stream = alice.open(bob.peerId(), List.of(ECHO), LIMIT)) {
      stream.write(ByteBuffer.allocate(BYTES));
      stream.readFully(BYTES);
    }
    Bandwidth echoed = new Bandwidth(BYTES, BYTES);
    assertThat(alice.metrics().byProtocol()).containsEntry(ECHO, echoed);
    assertThat(bob.metrics().byProtocol()).containsEntry(ECHO, echoed);
    assertThat(alice.metrics().byPeer())
        .hasEntrySatisfying(
            bob.peerId(),
            of -> {
              assertThat(of.receivedBytes()).isBetween((long) BYTES, 2L * BYTES);
              assertThat(of.sentBytes()).isBetween((long) BYTES, 2L * BYTES);
            });
    assertThat(alice.metrics().value(HostMetrics.BYTES_SENT)).isGreaterThan(BYTES);
    assertThat(bob.metrics().byPeer()).containsOnlyKeys(alice.peerId());
  }

  @Test
  void keepsNoCountOfProtocolsThatOthersMakeUp() throws Exception {
    alice.connect(bob.peerId(), LIMIT);
    await().until(() -> bob.metrics().byProtocol().containsKey("/ipfs/id/1.0.0"));
    var before = bob.metrics().byProtocol().keySet();
    for (int i = 0; i < 20; i++) {
      String madeUp = "/made-up/" + i;
      assertFails(
          Reason.PROTOCOL_UNSUPPORTED, () -> alice.open(bob.peerId(), List.of(madeUp), LIMIT));
    }
    assertThat(bob.metrics().byProtocol().keySet()).isEqualTo(before);
    assertThat(alice.metrics().byProtocol().keySet()).noneMatch(name -> name.contains("made-up"));
  }
}
