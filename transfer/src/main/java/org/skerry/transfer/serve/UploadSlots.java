package org.skerry.transfer.serve;

import java.util.HashMap;
import java.util.Map;
import org.skerry.libp2p.PeerId;
import org.skerry.transfer.limit.UploadQueue;

/** Who is being served right now: no more at once than the upload rate can feed. Thread-safe. */
final class UploadSlots {
  private final UploadLimits limits;
  private final UploadQueue queue;
  private final Map<PeerId, Integer> taken = new HashMap<>();
  private int all;

  UploadSlots(UploadLimits limits, UploadQueue queue) {
    this.limits = limits;
    this.queue = queue;
  }

  synchronized boolean take(PeerId peer) {
    int mine = taken.getOrDefault(peer, 0);
    if (all >= most() || mine >= limits.uploadsPerPeer()) {
      return false;
    }
    all++;
    taken.put(peer, mine + 1);
    return true;
  }

  /** Takes a stream's place from it, if the rate fell and feeds fewer; it must leave then. */
  synchronized boolean takeBack(PeerId peer) {
    boolean tooMany = all > most();
    if (tooMany) {
      give(peer);
    }
    return tooMany;
  }

  synchronized void give(PeerId peer) {
    all--;
    taken.computeIfPresent(peer, (p, n) -> n == 1 ? null : n - 1);
  }

  synchronized int taken() {
    return all;
  }

  private int most() {
    return Math.min(limits.uploads(), queue.streams());
  }
}
