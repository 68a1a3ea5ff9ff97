package org.skerry.transfer.fetch;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.host.TcpHost;

/** A host that dials a peer at one address only, whatever other addresses the peer tells it. */
final class HostOverLine extends ForwardingHost {
  private final TcpHost host;
  private final Map<PeerId, Multiaddr> ways = new ConcurrentHashMap<>();

  HostOverLine(TcpHost host) {
    super(host);
    this.host = host;
  }

  void reaches(PeerId peer, Multiaddr address) {
    ways.put(peer, address.withPeerId(peer));
  }

  @Override
  public Stream open(PeerId peer, List<String> protocols, Duration timeout) throws Libp2pException {
    boolean connected =
        host.connections().stream()
            .anyMatch(open -> open.remotePeer().equals(peer) && open.isOpen());
    Multiaddr way = ways.get(peer);
    if (!connected && way != null) {
      host.dial(way, timeout);
    }
    return super.open(peer, protocols, timeout);
  }
}
