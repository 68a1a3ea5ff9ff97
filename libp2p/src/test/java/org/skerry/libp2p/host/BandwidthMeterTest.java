package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class BandwidthMeterTest {
  private final BandwidthMeter meter = new BandwidthMeter();

  private static PeerId peer(int n) {
    return new PeerId(Multihash.identity(new byte[] {(byte) (n >> 8), (byte) n}));
  }

  @Test
  void countsProtocolsBeyondTheMostAsOne() {
    for (int i = 0; i < BandwidthMeter.MAX_PROTOCOLS + 100; i++) {
      meter.ofProtocol("/p/" + i).sent(1);
    }
    meter.ofProtocol("/p/0").received(5);
    assertThat(meter.byProtocol())
        .hasSize(BandwidthMeter.MAX_PROTOCOLS + 1)
        .containsEntry("/p/0", new Bandwidth(5, 1))
        .containsEntry(BandwidthMeter.OTHERS, new Bandwidth(0, 100));
  }

  @Test
  void forgetsThePeerThatConnectedLongestAgo() {
    for (int i = 0; i < BandwidthMeter.MAX_PEERS; i++) {
      meter.ofPeer(peer(i)).received(i);
    }
    meter.ofPeer(peer(0)).received(7);
    meter.ofPeer(peer(BandwidthMeter.MAX_PEERS)).sent(9);
    assertThat(meter.byPeer())
        .hasSize(BandwidthMeter.MAX_PEERS)
        .doesNotContainKey(peer(1))
        .containsEntry(peer(0), new Bandwidth(7, 0))
        .containsEntry(peer(BandwidthMeter.MAX_PEERS), new Bandwidth(0, 9));
  }
}
