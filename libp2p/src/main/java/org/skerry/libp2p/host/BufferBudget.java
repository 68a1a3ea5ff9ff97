package org.skerry.libp2p.host;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.skerry.libp2p.PeerId;

/** The bytes that all streams of a host may hold unread, and those of one peer. Thread-safe. */
final class BufferBudget {
  private final long maxBytes;
  private final long maxBytesPerPeer;
  private final AtomicLong usedBytes = new AtomicLong();
  private final ConcurrentHashMap<PeerId, Share> shares = new ConcurrentHashMap<>();

  BufferBudget(long maxBytes, long maxBytesPerPeer) {
    this.maxBytes = maxBytes;
    this.maxBytesPerPeer = maxBytesPerPeer;
  }

  /** What the connections of one peer hold. */
  final class Share {
    private final PeerId peer;
    private final AtomicLong peerBytes = new AtomicLong();
    private int connections;

    private Share(PeerId peer) {
      this.peer = peer;
    }

    boolean take(int bytes) {
      if (peerBytes.addAndGet(bytes) <= maxBytesPerPeer) {
        if (usedBytes.addAndGet(bytes) <= maxBytes) {
          return true;
        }
        usedBytes.addAndGet(-bytes);
      }
      peerBytes.addAndGet(-bytes);
      return false;
    }

    void give(int bytes) {
      peerBytes.addAndGet(-bytes);
      usedBytes.addAndGet(-bytes);
    }

    /** A connection has ended; what its streams still hold may be given later. */
    void leave() {
      shares.computeIfPresent(peer, (p, share) -> --share.connections == 0 ? null : share);
    }
  }

  /** For a new connection with {@code peer}. */
  Share join(PeerId peer) {
    return shares.compute(
        peer,
        (p, known) -> {
          Share share = known == null ? new Share(p) : known;
          share.connections++;
          return share;
        });
  }

  long usedBytes() {
    return usedBytes.get();
  }

  /** Peers with connections. */
  int peers() {
    return shares.size();
  }
}
