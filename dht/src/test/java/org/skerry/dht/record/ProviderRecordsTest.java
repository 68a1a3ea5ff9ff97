package org.skerry.dht.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class ProviderRecordsTest {
  private static final long NOW = 1_000_000_000L;
  private static final long MINUTE = 60_000L;
  private static final Multihash CONTENT = Multihash.sha256(new byte[] {1});
  private static final Multihash OTHER = Multihash.sha256(new byte[] {2});
  private static final List<Multiaddr> ADDRESSES =
      List.of(
          Multiaddr.parse("/ip4/1.2.3.4/tcp/4001"), Multiaddr.parse("/dns4/example.org/tcp/4001"));

  private final RecordStore store = RecordStore.inMemory();
  private ProviderRecords records = records();

  private ProviderRecords records() {
    return new ProviderRecords(
        store, new ProviderRecords.Settings(48 * 60 * MINUTE, 30 * MINUTE, 3, 5));
  }

  private static PeerId peer(int i) {
    return new PeerId(Multihash.sha256(new byte[] {9, (byte) i}));
  }

  @Test
  void tellsAddressesForAWhileAndProvidersForLonger() {
    assertThat(records.put(CONTENT, peer(1), ADDRESSES, NOW)).isEmpty();
    assertThat(records.get(CONTENT, NOW + 30 * MINUTE - 1))
        .containsExactly(new ProviderRecord(CONTENT, peer(1), ADDRESSES, NOW));
    assertThat(records.get(CONTENT, NOW + 30 * MINUTE))
        .containsExactly(new ProviderRecord(CONTENT, peer(1), List.of(), NOW));
    assertThat(records.get(CONTENT, NOW + 48 * 60 * MINUTE)).isEmpty();
    assertThat(records.get(OTHER, NOW)).isEmpty();
    assertThat(records.expire(NOW + 48 * 60 * MINUTE)).isEqualTo(1);
    assertThat(store.providers(CONTENT)).isEmpty();
  }

  @Test
  void boundsProvidersOfAContentAndInAll() {
    for (int i = 0; i < 3; i++) {
      assertThat(records.put(CONTENT, peer(i), ADDRESSES, NOW + i)).isEmpty();
    }
    assertThat(records.put(CONTENT, peer(3), ADDRESSES, NOW))
        .map(Rejection::reason)
        .hasValue(Rejection.Reason.QUOTA_EXCEEDED);
    assertThat(records.put(CONTENT, peer(0), ADDRESSES, NOW + 5)).as("a renewal").isEmpty();
    assertThat(records.get(CONTENT, NOW + 5))
        .extracting(ProviderRecord::provider)
        .as("newest first")
        .containsExactly(peer(0), peer(2), peer(1));
    assertThat(records.put(OTHER, peer(0), List.of(), NOW)).isEmpty();
    assertThat(records.put(OTHER, peer(1), List.of(), NOW)).isEmpty();
    assertThat(records.put(OTHER, peer(2), List.of(), NOW)).isPresent();
    records.remove(CONTENT, peer(1));
    assertThat(records.put(OTHER, peer(2), List.of(), NOW)).isEmpty();
    assertThat(records.count()).isEqualTo(5);
  }

  @Test
  void countsWhatItFindsInTheStore() {
    for (int i = 0; i < 3; i++) {
      records.put(CONTENT, peer(i), ADDRESSES, NOW);
    }
    records = records();
    assertThat(records.count()).isEqualTo(3);
    assertThat(records.put(CONTENT, peer(3), ADDRESSES, NOW)).isPresent();
    assertThat(records.put(CONTENT, peer(3), ADDRESSES, NOW + 48 * 60 * MINUTE))
        .as("what has expired makes room")
        .isEmpty();
  }
}
