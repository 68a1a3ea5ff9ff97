package org.skerry.dht;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.skerry.dht.routing.Whereabouts;
import org.skerry.dht.storage.Durability;
import org.skerry.dht.storage.KeyValueStore;
import org.skerry.libp2p.PeerId;

/** Peers as bytes: peer id → {@code 1 ‖ u64 firstMs ‖ u64 lastMs ‖} {@link Whereabouts}. */
record KeyValuePeerStore(KeyValueStore store) implements PeerStore {
  private static final byte VERSION = 1;

  @Override
  public Loaded load() {
    List<Acquaintance> peers = new ArrayList<>();
    int[] unreadable = new int[1];
    store.scan(
        new byte[0],
        (key, stored) -> {
          decode(key, stored).ifPresentOrElse(peers::add, () -> unreadable[0]++);
          return true;
        });
    return new Loaded(peers, unreadable[0]);
  }

  @Override
  public void save(Collection<Acquaintance> known, Collection<PeerId> forgotten) {
    List<KeyValueStore.Change> changes = new ArrayList<>();
    forgotten.forEach(peer -> changes.add(new KeyValueStore.Delete(peer.bytes())));
    known.forEach(peer -> changes.add(new KeyValueStore.Put(peer.peer().bytes(), encode(peer))));
    store.write(changes, Durability.PROCESS_CRASH);
  }

  private static byte[] encode(Acquaintance known) {
    byte[] where = known.where().encode();
    return ByteBuffer.allocate(1 + 2 * Long.BYTES + where.length)
        .put(VERSION)
        .putLong(known.firstMs())
        .putLong(known.lastMs())
        .put(where)
        .array();
  }

  private static Optional<Acquaintance> decode(byte[] key, byte[] stored) {
    try {
      PeerId peer = PeerId.ofBytes(key);
      ByteBuffer in = ByteBuffer.wrap(stored);
      if (in.get() != VERSION) {
        return Optional.empty();
      }
      long firstMs = in.getLong();
      long lastMs = in.getLong();
      return Whereabouts.decode(in).map(where -> new Acquaintance(peer, where, firstMs, lastMs));
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      return Optional.empty();
    }
  }
}
