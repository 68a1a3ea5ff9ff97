package org.skerry.node.daemon;

import java.util.HashMap;
import java.util.Map;
import org.skerry.dht.storage.Durability;
import org.skerry.dht.storage.KeyValueStore;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.transfer.BlobId;

/**
 * Remembers which blobs in the store are weights, and of which task: only those may be deleted
 * without being asked, since newer ones replace them. Thread-safe.
 */
record WeightsJournal(KeyValueStore store) {
  static final String COLUMN_FAMILY = "weights";

  /** Notes that {@code blob} holds weights or a training state of {@code task}. */
  void add(BlobId blob, Cid task) {
    store.put(blob.bytes(), task.bytes(), Durability.PROCESS_CRASH);
  }

  void remove(BlobId blob) {
    store.delete(blob.bytes(), Durability.PROCESS_CRASH);
  }

  /** The task of each blob. */
  Map<BlobId, Cid> all() {
    Map<BlobId, Cid> out = new HashMap<>();
    store.scan(
        new byte[0],
        (key, value) -> {
          out.put(BlobId.ofBytes(key), Cid.ofBytes(value));
          return true;
        });
    return out;
  }
}
