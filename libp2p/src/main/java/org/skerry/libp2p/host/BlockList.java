package org.skerry.libp2p.host;

import java.util.List;
import java.util.Set;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Subnet;

/** With whom a host has no connections: peers, wherever they are, and places, whoever is there. */
public record BlockList(Set<PeerId> peers, List<Subnet> subnets) {
  /** Nobody is blocked. */
  public static final BlockList NONE = new BlockList(Set.of(), List.of());

  public BlockList {
    peers = Set.copyOf(peers);
    subnets = List.copyOf(subnets);
  }

  public boolean blocks(PeerId peer) {
    return peers.contains(peer);
  }

  /**
   * Whether nobody at {@code ip} is welcome.
   *
   * @param ip 4 or 16 bytes
   */
  public boolean blocks(byte[] ip) {
    return subnets.stream().anyMatch(subnet -> subnet.contains(ip));
  }

  boolean blocks(MuxedConnection connection) {
    return blocks(connection.remotePeer())
        || connection.remoteAddress().ip().filter(this::blocks).isPresent();
  }
}
