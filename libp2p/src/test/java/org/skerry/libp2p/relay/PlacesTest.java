package org.skerry.libp2p.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;

class PlacesTest {
  private static final RelayLimits LIMITS =
      new RelayLimits(3, 2, Duration.ofMinutes(1), 2, 1, Duration.ofMinutes(1), 1000, 1000);
  private static final long NOW_MS = 1_700_000_000_999L;

  private final Places places = new Places(LIMITS);

  private static PeerId peer() {
    return PeerId.of(PrivateKey.generate(new SecureRandom()).publicKey());
  }

  @Test
  void reservesForSoManyPeersAndSoManyOfOneAddress() {
    PeerId first = peer();
    assertThat(places.reserve(first, "a", NOW_MS)).contains(1_700_000_060_000L);
    assertThat(places.reserve(peer(), "a", NOW_MS)).isPresent();
    assertThat(places.reserve(peer(), "a", NOW_MS)).isEmpty();
    assertThat(places.reserve(peer(), "b", NOW_MS)).isPresent();
    assertThat(places.reserve(peer(), "c", NOW_MS)).isEmpty();
    assertThat(places.reserve(first, "a", NOW_MS + 5000)).contains(1_700_000_065_000L);
    assertThat(places.reservations()).isEqualTo(3);
  }

  @Test
  void aRefusedMoveKeepsThePlaceThatWas() {
    PeerId moved = peer();
    places.reserve(peer(), "a", NOW_MS);
    places.reserve(peer(), "a", NOW_MS);
    places.reserve(moved, "b", NOW_MS);
    assertThat(places.reserve(moved, "a", NOW_MS)).isEmpty();
    assertThat(places.isReserved(moved, NOW_MS)).isTrue();
  }

  @Test
  void aReservationEndsByTimeOrWithThePeer() {
    PeerId late = peer();
    PeerId gone = peer();
    places.reserve(late, "a", NOW_MS);
    places.reserve(gone, "a", NOW_MS);
    places.leave(gone);
    assertThat(places.isReserved(gone, NOW_MS)).isFalse();
    assertThat(places.isReserved(late, NOW_MS + 59_000)).isTrue();
    assertThat(places.isReserved(late, NOW_MS + 60_000)).isFalse();
    assertThat(places.reserve(peer(), "a", NOW_MS + 60_000)).isPresent();
    assertThat(places.reservations()).isEqualTo(1);
  }

  @Test
  void countsTheCircuitsOfBothEnds() {
    PeerId one = peer();
    PeerId two = peer();
    PeerId three = peer();
    assertThat(places.open(one, two)).isTrue();
    assertThat(places.open(one, three)).isFalse();
    assertThat(places.open(three, two)).isFalse();
    assertThat(places.open(peer(), three)).isTrue();
    assertThat(places.open(peer(), peer())).isFalse(); // two in all
    places.close(one, two);
    assertThat(places.open(two, one)).isTrue();
    assertThat(places.circuits()).isEqualTo(2);
  }
}
