package org.skerry.node.daemon;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.skerry.board.record.SequenceStore;
import org.skerry.dht.storage.Durability;
import org.skerry.dht.storage.KeyValueStore;

/** Sequences in RocksDB: synced before they are used, so that no crash signs one twice. */
record DurableSequences(KeyValueStore store) implements SequenceStore {
  @Override
  public OptionalLong last(String name) {
    return store
        .get(name.getBytes(StandardCharsets.UTF_8))
        .map(bytes -> OptionalLong.of(ByteBuffer.wrap(bytes).getLong()))
        .orElse(OptionalLong.empty());
  }

  @Override
  public void store(String name, long sequence) {
    store.put(
        name.getBytes(StandardCharsets.UTF_8),
        ByteBuffer.allocate(Long.BYTES).putLong(sequence).array(),
        Durability.POWER_LOSS);
  }
}
