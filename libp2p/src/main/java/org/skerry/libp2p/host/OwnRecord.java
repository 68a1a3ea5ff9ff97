package org.skerry.libp2p.host;

import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;

/**
 * This host's own peer record, signed anew whenever its addresses have changed. Its sequence begins
 * at the time of day in milliseconds, so that it goes on after a restart. Thread-safe.
 */
final class OwnRecord {
  private final PrivateKey key;
  private final InstantSource clock;
  private @Nullable PeerRecord latest;
  private byte[] signed = {};

  OwnRecord(PrivateKey key, InstantSource clock) {
    this.key = key;
    this.clock = clock;
  }

  /** The signed record of {@code addresses}. */
  synchronized byte[] of(List<Multiaddr> addresses) {
    PeerRecord before = latest;
    if (before == null || !before.addresses().equals(addresses)) {
      long least = before == null ? 0 : before.sequence() + 1;
      PeerRecord next =
          new PeerRecord(PeerId.of(key.publicKey()), Math.max(least, clock.millis()), addresses);
      signed = next.signed(key);
      latest = next;
    }
    return signed.clone();
  }
}
