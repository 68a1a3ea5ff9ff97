package org.skerry.board.dagcbor;

import org.skerry.libp2p.multiformats.Cid;
import org.skerry.libp2p.multiformats.Multihash;

/** Values to bytes and back, one to one. */
public final class DagCbor {
  /** How deep values may nest; documents of this module need four. */
  public static final int MAX_DEPTH = 16;

  private DagCbor() {}

  /** The only encoding of {@code value}. */
  public static byte[] encode(Value value) {
    Encoder encoder = new Encoder();
    encoder.write(value, 0);
    return encoder.bytes();
  }

  /**
   * Decodes exactly {@code bytes}.
   *
   * @param maxBytes refuses longer input before looking at it
   * @throws org.skerry.board.BoardException when {@link #encode} would not have written the bytes
   */
  public static Value decode(byte[] bytes, int maxBytes) {
    return new Decoder(bytes, maxBytes).readAll();
  }

  /** The CIDv1 (dag-cbor, sha2-256) of encoded bytes. */
  public static Cid cidOf(byte[] encoded) {
    return new Cid(Cid.DAG_CBOR, Multihash.sha256(encoded));
  }
}
