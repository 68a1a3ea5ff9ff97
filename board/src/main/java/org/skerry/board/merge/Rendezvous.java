package org.skerry.board.merge;

import java.nio.ByteBuffer;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * Highest-random-weight hashing (Thaler and Ravishankar, 1998): an order of peers that is another
 * one for every unit, and the same for everybody who asks.
 */
public final class Rendezvous {
  private Rendezvous() {}

  /** SHA-256 of task, unit and peer; the smaller, unsigned, comes first. */
  public static byte[] rank(Cid task, int unit, PeerId peer) {
    return Multihash.sha256Digest(
        task.bytes(), ByteBuffer.allocate(Integer.BYTES).putInt(unit).array(), peer.bytes());
  }

  /** {@link #rank} as a number: its first 53 bits, as a part of 1. */
  public static double fraction(Cid task, int unit, PeerId peer) {
    return (ByteBuffer.wrap(rank(task, unit, peer)).getLong() >>> 11) * 0x1.0p-53;
  }
}
