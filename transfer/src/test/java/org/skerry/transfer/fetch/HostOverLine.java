package org.skerry.transfer.fetch;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.StreamHandler;
import org.skerry.libp2p.host.TcpHost;

/** A host that dials a peer at one address only, whatever other addresses the peer tells it. */
final class HostOverLine implements Host {
  private final TcpHost host;
  private final Map<PeerId, Multiaddr> ways = new ConcurrentHashMap<>();

  HostOverLine(TcpHost host) {
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
    return host.open(peer, protocols, timeout);
  }

  @Override
  public PeerId peerId() {
    return host.peerId();
  }

  @Override
  public List<Multiaddr> listenAddresses() {
    return host.listenAddresses();
  }

  @Override
  public void handle(String protocol, StreamHandler handler) {
    host.handle(protocol, handler);
  }

  @Override
  public void unhandle(String protocol) {
    host.unhandle(protocol);
  }

  @Override
  public void addAddresses(PeerId peer, Collection<Multiaddr> addresses) {
    host.addAddresses(peer, addresses);
  }

  @Override
  public List<Multiaddr> addresses(PeerId peer) {
    return host.addresses(peer);
  }

  @Override
  public Connection connect(PeerId peer, Duration timeout) throws Libp2pException {
    return host.connect(peer, timeout);
  }

  @Override
  public Connection connect(Multiaddr address, Duration timeout) throws Libp2pException {
    return host.connect(address, timeout);
  }

  @Override
  public List<Connection> connections() {
    return host.connections();
  }

  @Override
  public void addListener(Listener listener) {
    host.addListener(listener);
  }

  @Override
  public void close() {
    host.close();
  }
}
