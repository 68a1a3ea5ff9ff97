package org.skerry.transfer.serve;

import java.util.HashMap;
import java.util.Map;
import org.skerry.libp2p.PeerId;

/** Who is being served right now. Thread-safe. */
final class UploadSlots {
  private final UploadLimits limits;
  private final Map<PeerId, Integer> taken = new HashMap<>();
  private int all;

  UploadSlots(UploadLimits limits) {
    this.limits = limits;
  }

  synchronized boolean take(PeerId peer) {
    int mine = taken.getOrDefault(peer, 0);
    if (all >= limits.uploads() || mine >= limits.uploadsPerPeer()) {
      return false;
    }
    all++;
    taken.put(peer, mine + 1);
    return true;
  }

  synchronized void give(PeerId peer) {
    all--;
    taken.computeIfPresent(peer, (p, n) -> n == 1 ? null : n - 1);
  }

  synchronized int taken() {
    return all;
  }
}
