package org.skerry.dht;

import java.util.Collection;
import java.util.List;
import org.skerry.dht.storage.KeyValueStore;
import org.skerry.dht.storage.MemoryKeyValueStore;
import org.skerry.libp2p.PeerId;

/** Where a node keeps the servers that it knows over a restart. Calls block on the disk. */
public interface PeerStore {
  /** The column family for {@link #on(KeyValueStore)}. */
  String COLUMN_FAMILY = "dht-peers";

  /**
   * What a store holds.
   *
   * @param unreadable entries that were left out
   */
  record Loaded(List<Acquaintance> peers, int unreadable) {
    public Loaded {
      peers = List.copyOf(peers);
    }
  }

  /** Peers in {@code store}, which holds nothing else. */
  static PeerStore on(KeyValueStore store) {
    return new KeyValuePeerStore(store);
  }

  /** Peers that are gone with the process. */
  static PeerStore inMemory() {
    return on(new MemoryKeyValueStore());
  }

  Loaded load();

  /** Stores {@code known} in place of what was stored of the same peers, and forgets others. */
  void save(Collection<Acquaintance> known, Collection<PeerId> forgotten);
}
