package org.skerry.libp2p.relay;

import java.time.Instant;
import java.util.List;
import org.skerry.libp2p.Multiaddr;

/**
 * A place at a relay.
 *
 * @param expires when it ends, by the relay's clock
 * @param addresses at which this host is reached through it, without this host's id
 */
public record Reserved(Instant expires, List<Multiaddr> addresses) {
  public Reserved {
    addresses = List.copyOf(addresses);
  }
}
