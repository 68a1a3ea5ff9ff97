package org.skerry.dht.routing;

import java.nio.ByteBuffer;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * A point of the 256-bit key space: the SHA-256 of a record key, a multihash or a peer id. The
 * distance of two points is their XOR, read as an unsigned number.
 */
public record KademliaKey(long word0, long word1, long word2, long word3) {
  public static final int BITS = 256;

  /** Where {@code preimage} (a record key, or the bytes of a multihash or peer id) lies. */
  public static KademliaKey of(byte[] preimage) {
    ByteBuffer digest = ByteBuffer.wrap(Multihash.sha256Digest(preimage));
    return new KademliaKey(digest.getLong(), digest.getLong(), digest.getLong(), digest.getLong());
  }

  public static KademliaKey of(PeerId peer) {
    return of(peer.bytes());
  }

  /** The number of leading bits that both keys share, 256 when they are equal. */
  public int commonPrefixBits(KademliaKey other) {
    if (word0 != other.word0) {
      return Long.numberOfLeadingZeros(word0 ^ other.word0);
    }
    if (word1 != other.word1) {
      return 64 + Long.numberOfLeadingZeros(word1 ^ other.word1);
    }
    if (word2 != other.word2) {
      return 128 + Long.numberOfLeadingZeros(word2 ^ other.word2);
    }
    return 192 + Long.numberOfLeadingZeros(word3 ^ other.word3);
  }

  /** How much of the key space lies between both keys: 0 for the same, below 1. */
  public double distance(KademliaKey other) {
    long high = word0 ^ other.word0;
    // 2^-64 of the key space is far below what can be told of any network.
    return ((high >>> 1) + (high & 1) * 0.5) * 0x1p-63;
  }

  /** Negative when {@code a} is nearer to this key than {@code b}; zero only when a equals b. */
  public int compareDistance(KademliaKey a, KademliaKey b) {
    int order = Long.compareUnsigned(word0 ^ a.word0, word0 ^ b.word0);
    if (order == 0) {
      order = Long.compareUnsigned(word1 ^ a.word1, word1 ^ b.word1);
    }
    if (order == 0) {
      order = Long.compareUnsigned(word2 ^ a.word2, word2 ^ b.word2);
    }
    return order != 0 ? order : Long.compareUnsigned(word3 ^ a.word3, word3 ^ b.word3);
  }
}
