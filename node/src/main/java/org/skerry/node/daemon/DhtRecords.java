package org.skerry.node.daemon;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.skerry.board.record.RecordNetwork;
import org.skerry.dht.Dht;
import org.skerry.dht.PutResult;

/** The DHT as the boards see it. */
record DhtRecords(Dht dht, Duration getLimit) implements RecordNetwork {
  @Override
  public Optional<byte[]> get(byte[] key) {
    return dht.get(key, getLimit);
  }

  @Override
  public void put(byte[] key, byte[] value) throws IOException {
    PutResult result = dht.put(key, value);
    if (result.refusal().isPresent()) {
      throw new IOException("the record is refused: " + result.refusal().get());
    }
    if (result.stored() == 0) {
      throw new IOException(
          result.asked() == 0
              ? "no peer is in reach"
              : "none of " + result.asked() + " peers stored the record");
    }
  }
}
