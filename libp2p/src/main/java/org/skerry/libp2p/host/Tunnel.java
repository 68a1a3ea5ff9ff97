package org.skerry.libp2p.host;

import java.time.Duration;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;

/** A way to peers that no socket leads to: over a stream to somebody who has a way. */
public interface Tunnel {
  /**
   * Opens a stream whose other end is {@code peer}; what crosses it is not secured yet.
   *
   * @param address one with {@code /p2p-circuit} in it, without the peer's own id
   */
  Stream dial(Multiaddr address, PeerId peer, Duration timeout) throws Libp2pException;
}
