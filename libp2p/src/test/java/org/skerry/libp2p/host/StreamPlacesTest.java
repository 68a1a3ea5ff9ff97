package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.host.HostMetrics.Refusal;
import org.skerry.libp2p.multiformats.Multihash;

class StreamPlacesTest {
  private final HostMetrics metrics = new HostMetrics();
  private final StreamPlaces places = new StreamPlaces(new StreamLimits(9, 9, 3, 2, 2), metrics);

  private static PeerId peer(int number) {
    return new PeerId(Multihash.identity(new byte[] {(byte) number}));
  }

  @Test
  void limitsOnePeerAndAllPeers() {
    StreamPlaces.Place first = places.admit(peer(1)).orElseThrow();
    assertThat(places.admit(peer(1))).isPresent();
    assertThat(places.admit(peer(1))).isEmpty();
    assertThat(metrics.value(Refusal.STREAMS_PER_PEER)).isEqualTo(1);
    assertThat(places.admit(peer(2))).isPresent();
    assertThat(places.admit(peer(2))).isEmpty();
    assertThat(metrics.value(Refusal.STREAMS)).isEqualTo(1);
    first.close();
    assertThat(places.admit(peer(1))).isPresent();
  }

  @Test
  void limitsOneProtocol() {
    StreamPlaces.Place first = places.admit(peer(1)).orElseThrow();
    StreamPlaces.Place third = places.admit(peer(3)).orElseThrow();
    assertThat(first.speaks("/a")).isTrue();
    assertThat(places.admit(peer(2)).orElseThrow().speaks("/a")).isTrue();
    assertThat(third.speaks("/a")).isFalse();
    assertThat(metrics.value(Refusal.STREAMS_PER_PROTOCOL)).isEqualTo(1);
    third.close();
    first.close();
    assertThat(places.admit(peer(3)).orElseThrow().speaks("/a")).isTrue();
  }
}
