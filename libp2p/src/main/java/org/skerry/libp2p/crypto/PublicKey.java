package org.skerry.libp2p.crypto;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.libp2p.multiformats.Varint;

/**
 * An Ed25519 public key in libp2p's protobuf encoding.
 *
 * @see <a href="https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md#keys">keys</a>
 */
public final class PublicKey {
  /** {@code KeyType.Ed25519} of the key protobuf. */
  private static final int ED25519 = 1;

  private static final int RAW_BYTES = 32;

  private final byte[] raw;

  private PublicKey(byte[] raw) {
    this.raw = raw;
  }

  /** Takes the 32 raw bytes of RFC 8032. */
  public static PublicKey ofRaw(byte[] raw) {
    if (raw.length != RAW_BYTES) {
      throw new KeyFormatException("an Ed25519 public key has 32 bytes, not " + raw.length);
    }
    if (!Ed25519.validatePublicKeyFull(raw, 0)) {
      throw new KeyFormatException("the bytes are not a point of full order on Ed25519");
    }
    return new PublicKey(raw.clone());
  }

  /** Decodes the deterministic protobuf {@code PublicKey {Type = Ed25519, Data}}. */
  public static PublicKey decode(byte[] encoded) {
    return ofRaw(KeyProtobuf.decode(encoded, ED25519));
  }

  public byte[] encoded() {
    return KeyProtobuf.encode(ED25519, raw);
  }

  public byte[] raw() {
    return raw.clone();
  }

  /** Whether {@code signature} (64 bytes) is this key's over {@code message}. */
  public boolean verify(byte[] message, byte[] signature) {
    return signature.length == Ed25519.SIGNATURE_SIZE
        && Ed25519.verify(signature, 0, raw, 0, message, 0, message.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PublicKey that && Arrays.equals(raw, that.raw);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(raw);
  }

  /** The two-field protobuf of libp2p keys, in its only accepted (deterministic) form. */
  static final class KeyProtobuf {
    private static final byte TYPE_TAG = 0x08;
    private static final byte DATA_TAG = 0x12;

    private KeyProtobuf() {}

    static byte[] encode(int type, byte[] data) {
      byte[] size = Varint.encode(data.length);
      return ByteBuffer.allocate(3 + size.length + data.length)
          .put(TYPE_TAG)
          .put((byte) type)
          .put(DATA_TAG)
          .put(size)
          .put(data)
          .array();
    }

    static byte[] decode(byte[] encoded, int wantedType) {
      ByteBuffer in = ByteBuffer.wrap(encoded);
      if (in.remaining() < 4 || in.get() != TYPE_TAG) {
        throw new KeyFormatException("not a libp2p key: it does not start with a key type");
      }
      int type = in.get();
      if (type != wantedType) {
        throw new KeyFormatException("key type " + type + " is not supported (Ed25519 is 1)");
      }
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
