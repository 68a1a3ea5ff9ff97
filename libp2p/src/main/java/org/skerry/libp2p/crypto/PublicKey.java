package org.skerry.libp2p.crypto;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.libp2p.multiformats.Varint;

/**
 * A peer's public key in libp2p's protobuf encoding. This host's own are Ed25519; the other types
 * are there to verify peers that have such.
 *
 * @see <a href="https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md#keys">keys</a>
 */
public final class PublicKey {
  private static final int MAX_RECENT = 256;

  /**
   * Keys by their encoding. That bytes are a key costs as much to find out as a signature, and one
   * connection shows its peer's key three times: in its handshake, its identity and its addresses.
   */
  private static final Map<ByteBuffer, PublicKey> RECENT =
      Collections.synchronizedMap(
          new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<ByteBuffer, PublicKey> eldest) {
              return size() > MAX_RECENT;
            }
          });

  private final KeyType type;
  private final byte[] data;
  private final KeyType.Verifier verifier;

  private PublicKey(KeyType type, byte[] data) {
    this.type = type;
    this.data = data;
    this.verifier = type.verifier(data);
  }

  /** Takes the 32 raw bytes of an Ed25519 key (RFC 8032). */
  public static PublicKey ofRaw(byte[] raw) {
    return new PublicKey(KeyType.ED25519, raw.clone());
  }

  /**
   * Decodes the deterministic protobuf {@code PublicKey {Type, Data}}.
   *
   * @throws KeyFormatException when it is no key of a known type, or in another form
   */
  public static PublicKey decode(byte[] encoded) {
    ByteBuffer name = ByteBuffer.wrap(encoded.clone());
    @Nullable PublicKey known = RECENT.get(name);
    if (known != null) {
      return known;
    }
    ByteBuffer in = ByteBuffer.wrap(encoded);
    KeyType type = KeyProtobuf.readType(in);
    PublicKey key = new PublicKey(type, KeyProtobuf.readData(in));
    RECENT.put(name, key);
    return key;
  }

  public byte[] encoded() {
    return KeyProtobuf.encode(type, data);
  }

  public KeyType type() {
    return type;
  }

  /** What the type keeps: the 32 bytes of Ed25519, a point, or a DER structure. */
  public byte[] raw() {
    return data.clone();
  }

  /** Whether {@code signature} is this key's over {@code message}. */
  public boolean verify(byte[] message, byte[] signature) {
    return verifier.verify(message, signature);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PublicKey that && type == that.type && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return 31 * type.hashCode() + Arrays.hashCode(data);
  }

  /** The two-field protobuf of libp2p keys, in its only accepted (deterministic) form. */
  static final class KeyProtobuf {
    private static final byte TYPE_TAG = 0x08;
    private static final byte DATA_TAG = 0x12;

    private KeyProtobuf() {}

    static byte[] encode(KeyType type, byte[] data) {
      byte[] size = Varint.encode(data.length);
      return ByteBuffer.allocate(3 + size.length + data.length)
          .put(TYPE_TAG)
          .put((byte) type.code())
          .put(DATA_TAG)
          .put(size)
          .put(data)
          .array();
    }

    static KeyType readType(ByteBuffer in) {
      if (in.remaining() < 4 || in.get() != TYPE_TAG) {
        throw new KeyFormatException("not a libp2p key: it does not start with a key type");
      }
      return KeyType.of(in.get());
    }

    static byte[] readData(ByteBuffer in) {
      if (in.get() != DATA_TAG) {
        throw new KeyFormatException("not a libp2p key: no data after the key type");
      }
      int size = readSize(in);
      if (size != in.remaining()) {
        throw new KeyFormatException(
            "a libp2p key says " + size + " data bytes and has " + in.remaining());
      }
      byte[] data = new byte[size];
      in.get(data);
      return data;
    }

    private static int readSize(ByteBuffer in) {
      try {
        return Varint.readInt(in, Integer.MAX_VALUE);
      } catch (MultiformatException e) {
        throw new KeyFormatException("not a libp2p key: " + e.getMessage());
      }
    }
  }
}
