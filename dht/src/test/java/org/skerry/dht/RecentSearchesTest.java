package org.skerry.dht;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class RecentSearchesTest {
  private final RecentSearches recent = new RecentSearches();

  private static KademliaKey key(int i) {
    return KademliaKey.of(new byte[] {(byte) (i >> 8), (byte) i});
  }

  private static List<PeerAddresses> found(int i) {
    return List.of(
        new PeerAddresses(new PeerId(Multihash.sha256(new byte[] {(byte) i})), List.of()));
  }

  @Test
  void remembersForAMinute() {
    recent.add(key(1), found(1), 1_000);
    assertThat(recent.of(key(1), 60_999)).isEqualTo(found(1));
    assertThat(recent.of(key(1), 61_000)).isEmpty();
    assertThat(recent.of(key(2), 1_000)).isEmpty();
  }

  @Test
  void forgetsTheOldestOfTooMany() {
    for (int i = 0; i < 300; i++) {
      recent.add(key(i), found(i), i);
    }
    assertThat(recent.of(key(299), 300)).isEqualTo(found(299));
    assertThat(recent.of(key(44), 300)).isEqualTo(found(44));
    assertThat(recent.of(key(43), 300)).isEmpty();
  }
}
