package org.skerry.dht.record;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.skerry.dht.storage.Durability;
import org.skerry.dht.storage.KeyValueStore;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.libp2p.multiformats.Varint;

/**
 * Records as bytes. Values: record key → {@code u64 publishedMs ‖ u64 receivedMs ‖ value}.
 * Providers: {@code multihash ‖ peer id} → {@code u64 providedMs ‖ (varint size ‖ multiaddr)*}; a
 * multihash delimits itself, so one content's providers share a prefix that no other has.
 */
final class KeyValueRecordStore implements RecordStore {
  private static final int MAX_ADDRESS_BYTES = 1024;

  private final KeyValueStore values;
  private final KeyValueStore providers;

  KeyValueRecordStore(KeyValueStore values, KeyValueStore providers) {
    this.values = values;
    this.providers = providers;
  }

  @Override
  public Optional<ValueRecord> value(byte[] key) {
    return values.get(key).map(stored -> decodeValue(key, stored));
  }

  @Override
  public void putValue(ValueRecord record) {
    byte[] value = record.value();
    byte[] stored =
        ByteBuffer.allocate(2 * Long.BYTES + value.length)
            .putLong(record.publishedMs())
            .putLong(record.receivedMs())
            .put(value)
            .array();
    values.put(record.key(), stored, Durability.PROCESS_CRASH);
  }

  @Override
  public void removeValue(byte[] key) {
    values.delete(key, Durability.PROCESS_CRASH);
  }

  @Override
  public void forEachValue(Consumer<ValueRecord> visitor) {
    values.scan(
        new byte[0],
        (key, stored) -> {
          visitor.accept(decodeValue(key, stored));
          return true;
        });
  }

  @Override
  public List<ProviderRecord> providers(Multihash content) {
    List<ProviderRecord> found = new ArrayList<>();
    providers.scan(
        content.bytes(),
        (key, stored) -> {
          found.add(decodeProvider(key, stored));
          return true;
        });
    return found;
  }

  @Override
  public void putProvider(ProviderRecord record) {
    ByteArrayOutputStream stored = new ByteArrayOutputStream();
    stored.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(record.providedMs()).array());
    for (Multiaddr address : record.addresses()) {
      byte[] bytes = address.bytes();
      Varint.write(stored, bytes.length);
      stored.writeBytes(bytes);
    }
    providers.put(
        providerKey(record.content(), record.provider()),
        stored.toByteArray(),
        Durability.PROCESS_CRASH);
  }

  @Override
  public void removeProvider(Multihash content, PeerId provider) {
    providers.delete(providerKey(content, provider), Durability.PROCESS_CRASH);
  }

  @Override
  public void forEachProvider(Consumer<ProviderRecord> visitor) {
    providers.scan(
        new byte[0],
        (key, stored) -> {
          visitor.accept(decodeProvider(key, stored));
          return true;
        });
  }

  private static ValueRecord decodeValue(byte[] key, byte[] stored) {
    ByteBuffer in = ByteBuffer.wrap(stored);
    long publishedMs = in.getLong();
    long receivedMs = in.getLong();
    byte[] value = new byte[in.remaining()];
    in.get(value);
    return new ValueRecord(key, value, publishedMs, receivedMs);
  }

  private static byte[] providerKey(Multihash content, PeerId provider) {
    byte[] hash = content.bytes();
    byte[] peer = provider.bytes();
    return ByteBuffer.allocate(hash.length + peer.length).put(hash).put(peer).array();
  }

  private static ProviderRecord decodeProvider(byte[] key, byte[] stored) {
    ByteBuffer keyIn = ByteBuffer.wrap(key);
    Multihash content = Multihash.read(keyIn);
    PeerId provider = new PeerId(Multihash.read(keyIn));
    ByteBuffer in = ByteBuffer.wrap(stored);
    long providedMs = in.getLong();
    List<Multiaddr> addresses = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] bytes = new byte[Varint.readInt(in, MAX_ADDRESS_BYTES)];
      in.get(bytes);
      addresses.add(Multiaddr.ofBytes(bytes));
    }
    return new ProviderRecord(content, provider, addresses, providedMs);
  }
}
