package org.skerry.libp2p.multiformats;

import java.nio.ByteBuffer;

/**
 * A version 1 content identifier: a codec and a multihash, written in base32.
 *
 * @see <a href="https://github.com/multiformats/cid">CID</a>
 */
public record Cid(int codec, Multihash hash) {
  public static final int RAW = 0x55;
  public static final int DAG_CBOR = 0x71;
  public static final int LIBP2P_KEY = 0x72;

  /** Private-use codec of a Skerry blob: the hash is over {@code 0x02 ‖ u64 size ‖ Merkle root}. */
  public static final int SKERRY_BLOB = 0x300b;

  private static final int MAX_TEXT = 256;

  public Cid {
    if (codec < 0) {
      throw new MultiformatException("codec " + codec + " is negative");
    }
  }

  /** Parses exactly {@code bytes}. */
  public static Cid ofBytes(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    long version = Varint.read(in);
    if (version != 1) {
      throw new MultiformatException("CID version " + version + " is not 1");
    }
    int codec = Varint.readInt(in, Integer.MAX_VALUE);
    Multihash hash = Multihash.read(in);
    if (in.hasRemaining()) {
      throw new MultiformatException("CID has " + in.remaining() + " trailing bytes");
    }
    return new Cid(codec, hash);
  }

  /** Parses multibase text with prefix {@code b} (base32) or {@code z} (base58). */
  public static Cid parse(String text) {
    if (text.length() < 2 || text.length() > MAX_TEXT) {
      throw new MultiformatException("a CID of " + text.length() + " characters");
    }
    return switch (text.charAt(0)) {
      case 'b' -> ofBytes(Base32.decode(text.substring(1)));
      case 'z' -> ofBytes(Base58.decode(text.substring(1)));
      default -> throw new MultiformatException("CID '" + text + "' does not start with b or z");
    };
  }

  public byte[] bytes() {
    byte[] head = Varint.encode(codec);
    byte[] tail = hash.bytes();
    return ByteBuffer.allocate(1 + head.length + tail.length)
        .put((byte) 1)
        .put(head)
        .put(tail)
        .array();
  }

  @Override
  public String toString() {
    return "b" + Base32.encode(bytes());
  }
}
