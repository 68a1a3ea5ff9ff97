package org.skerry.transfer.fetch;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.StreamHandler;

/** Another host, of which a test changes a part. */
abstract class ForwardingHost implements Host {
  private final Host host;

  ForwardingHost(Host host) {
    this.host = host;
  }

  @Override
  public Stream open(PeerId peer, List<String> protocols, Duration timeout) throws Libp2pException {
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
  public void protect(PeerId peer, String reason) {
    host.protect(peer, reason);
  }

  @Override
  public void unprotect(PeerId peer, String reason) {
    host.unprotect(peer, reason);
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
