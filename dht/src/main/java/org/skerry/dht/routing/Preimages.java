package org.skerry.dht.routing;

import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * Peer ids of nobody that lie in given parts of the key space. A request names what is hashed, not
 * where it lies, so a lookup of a part needs one. For each 16 leading bits there is one id, found
 * by trial once in a process: what is found is the same everywhere and always.
 */
public final class Preimages {
  /** Parts of the key space are told apart by fewer leading bits than this. */
  public static final int MAX_BITS = 16;

  /** The number whose id begins with the index's bits, plus one; 0 when not found yet. */
  private static final int[] FOUND = new int[1 << MAX_BITS];

  private static int tried;

  private Preimages() {}

  /** An id that shares exactly {@code bits} (0..15) leading bits with {@code key}. */
  public static PeerId sharing(KademliaKey key, int bits, RandomGenerator random) {
    if (bits < 0 || bits >= MAX_BITS) {
      throw new IllegalArgumentException(bits + " shared bits, not 0.." + (MAX_BITS - 1));
    }
    int free = MAX_BITS - 1 - bits;
    int other = (int) (key.word0() >>> (Long.SIZE - MAX_BITS)) ^ (1 << free);
    return startingWith(other >>> free << free | random.nextInt(1 << free));
  }

  private static synchronized PeerId startingWith(int prefix) {
    while (FOUND[prefix] == 0) {
      int number = tried++;
      int start = (int) (KademliaKey.of(id(number)).word0() >>> (Long.SIZE - MAX_BITS));
      if (FOUND[start] == 0) {
        FOUND[start] = number + 1;
      }
    }
    return id(FOUND[prefix] - 1);
  }

  private static PeerId id(int number) {
    return new PeerId(Multihash.ofSha256(ByteBuffer.allocate(32).putInt(number).array()));
  }
}
