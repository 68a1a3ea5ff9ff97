package org.skerry.node.config;

import java.util.List;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/**
 * A network definition, as operators hand it out: where to join and whose tasks are welcome.
 *
 * @param name what people call the network
 */
public record NetworkFile(String name, List<Multiaddr> bootstrap, List<PeerId> publishers) {
  public NetworkFile {
    bootstrap = List.copyOf(bootstrap);
    publishers = List.copyOf(publishers);
  }
}
