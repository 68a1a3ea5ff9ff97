package org.skerry.dht.wire;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/**
 * One request or reply of kad-dht.
 *
 * @param key the record key, multihash or peer id that the message is about; may be empty
 * @see <a href="https://github.com/libp2p/specs/tree/master/kad-dht#rpc-messages">kad-dht</a>
 */
public record KadMessage(
    Type type, byte[] key, Optional<Record> record, List<Peer> closer, List<Peer> providers) {
  /** A longer message is neither read nor written. */
  public static final int MAX_BYTES = 1 << 20;

  /** The message types; their order is their number on the wire. */
  public enum Type {
    PUT_VALUE,
    GET_VALUE,
    ADD_PROVIDER,
    GET_PROVIDERS,
    FIND_NODE,
    PING
  }

  /** What the sender knows of its connection to a peer; the order is the number on the wire. */
  public enum ConnectionType {
    NOT_CONNECTED,
    CONNECTED,
    CAN_CONNECT,
    CANNOT_CONNECT
  }

  /** A value with its key, and when its holder received it (RFC 3339; may be empty). */
  public record Record(byte[] key, byte[] value, String timeReceived) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Record that
          && Arrays.equals(key, that.key)
          && Arrays.equals(value, that.value)
          && timeReceived.equals(that.timeReceived);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(value);
    }
  }

  /** A peer and its addresses. */
  public record Peer(PeerId id, List<Multiaddr> addresses, ConnectionType connection) {
    public Peer {
      addresses = List.copyOf(addresses);
    }
  }

  public KadMessage {
    closer = List.copyOf(closer);
    providers = List.copyOf(providers);
  }

  /** A message of {@code type} about {@code key}, with nothing else in it. */
  public static KadMessage of(Type type, byte[] key) {
    return new KadMessage(type, key, Optional.empty(), List.of(), List.of());
  }

  public KadMessage withRecord(Record newRecord) {
    return new KadMessage(type, key, Optional.of(newRecord), closer, providers);
  }

  public KadMessage withCloser(List<Peer> peers) {
    return new KadMessage(type, key, record, peers, providers);
  }

  public KadMessage withProviders(List<Peer> peers) {
    return new KadMessage(type, key, record, closer, peers);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KadMessage that
        && type == that.type
        && Arrays.equals(key, that.key)
        && record.equals(that.record)
        && closer.equals(that.closer)
        && providers.equals(that.providers);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(key) * 31 + type.hashCode();
  }
}
