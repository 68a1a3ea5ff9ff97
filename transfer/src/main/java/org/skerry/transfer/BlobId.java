package org.skerry.transfer;

import java.util.Arrays;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * The name of a blob: a CID of codec {@link Cid#SKERRY_BLOB} and sha2-256 over {@code 0x02 ‖ u64
 * size ‖ Merkle root}, so that a peer telling size and root is checked before any chunk is fetched.
 */
public record BlobId(Cid cid) implements Comparable<BlobId> {
  /** Longest encoding of a valid id. */
  public static final int MAX_BYTES = 64;

  public BlobId {
    if (cid.codec() != Cid.SKERRY_BLOB || cid.hash().code() != Multihash.SHA2_256) {
      throw new MultiformatException("CID '" + cid + "' is not the id of a blob");
    }
  }

  /** Parses the text form, {@code b…}. */
  public static BlobId parse(String text) {
    return new BlobId(Cid.parse(text));
  }

  /** Parses exactly {@code bytes}. */
  public static BlobId ofBytes(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw new MultiformatException("a blob id of " + bytes.length + " bytes");
    }
    return new BlobId(Cid.ofBytes(bytes));
  }

  public byte[] bytes() {
    return cid.bytes();
  }

  /** The last eight characters: enough to tell blobs apart in a line for people. */
  public String shortText() {
    String text = toString();
    return text.substring(text.length() - 8);
  }

  @Override
  public int compareTo(BlobId other) {
    return Arrays.compareUnsigned(bytes(), other.bytes());
  }

  @Override
  public String toString() {
    return cid.toString();
  }
}
