package org.skerry.libp2p.testing;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.StreamHandler;

/** A host of a {@link SimulatedNetwork}: real bytes and real threads, but no socket. */
public final class MemoryHost implements Host {
  private final SimulatedNetwork network;
  private final PeerId peerId;
  private final Multiaddr address;
  private final Map<String, StreamHandler> handlers = new ConcurrentHashMap<>();
  private final Map<PeerId, Set<Multiaddr>> book = new ConcurrentHashMap<>();
  private final Map<PeerId, MemoryConnection> connections = new ConcurrentHashMap<>();
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  MemoryHost(SimulatedNetwork network, PeerId peerId, Multiaddr address) {
    this.network = network;
    this.peerId = peerId;
    this.address = address;
  }

  @Override
  public PeerId peerId() {
    return peerId;
  }

  @Override
  public List<Multiaddr> listenAddresses() {
    return List.of(address);
  }

  @Override
  public void handle(String protocol, StreamHandler handler) {
    handlers.put(protocol, handler);
    tellPeers();
  }

  @Override
  public void unhandle(String protocol) {
    handlers.remove(protocol);
    tellPeers();
  }

  @Override
  public void addAddresses(PeerId peer, Collection<Multiaddr> addresses) {
    Set<Multiaddr> known = book.computeIfAbsent(peer, p -> ConcurrentHashMap.newKeySet());
    addresses.forEach(a -> known.add(a.withoutPeerId()));
  }

  @Override
  public List<Multiaddr> addresses(PeerId peer) {
    return List.copyOf(book.getOrDefault(peer, Set.of()));
  }

  @Override
  public Connection connect(PeerId peer, Duration timeout) throws Libp2pException {
    return link(peer, timeout);
  }

  @Override
  public Connection connect(Multiaddr target, Duration timeout) throws Libp2pException {
    PeerId peer =
        target
            .peerId()
            .orElseThrow(
                () -> new Libp2pException(Reason.UNREACHABLE, target + " does not end in /p2p/…"));
    addAddresses(peer, List.of(target));
    return link(peer, timeout);
  }

  private MemoryConnection link(PeerId peer, Duration timeout) throws Libp2pException {
    if (closed) {
      throw new Libp2pException(Reason.CLOSED, "this host is closed");
    }
    if (peer.equals(peerId)) {
      throw new Libp2pException(Reason.UNREACHABLE, "a host does not dial itself");
    }
    MemoryConnection open = connections.get(peer);
    if (open != null && open.isOpen()) {
      return open;
    }
    return network.dial(this, peer, addresses(peer), timeout);
  }

  @Override
  public Stream open(PeerId peer, List<String> protocols, Duration timeout) throws Libp2pException {
    MemoryConnection connection = link(peer, timeout);
    network.passPacket(this, connection.remote(), timeout);
    MemoryHost remote = connection.remote();
    String protocol =
        protocols.stream()
            .filter(remote.handlers::containsKey)
            .findFirst()
            .orElseThrow(() ->
                new Libp2pException(
                    Reason.PROTOCOL_UNSUPPORTED,
                    "peer " + peer.shortText() + " speaks none of " + protocols));
    MemoryPipe there = new MemoryPipe(network.bufferBytes());
    MemoryPipe back = new MemoryPipe(network.bufferBytes());
    MemoryStream near = new MemoryStream(connection, protocol, back, there, network.latency());
    MemoryStream far =
        new MemoryStream(connection.other(), protocol, there, back, network.latency());
    if (!connection.link().add(near, far)) {
      throw new Libp2pException(Reason.CLOSED, "the connection to " + peer.shortText() + " closed");
    }
    remote.serve(protocol, far);
    return near;
  }

  private void serve(String protocol, MemoryStream stream) {
    StreamHandler handler = handlers.get(protocol);
    if (handler == null) {
      stream.reset();
      return;
    }
    Thread.ofVirtual()
        .name("memory-stream " + protocol)
        .start(() -> {
          try {
            handler.handle(stream);
            stream.close();
          } catch (IOException | RuntimeException e) {
            stream.reset();
          }
        });
  }

  void connected(MemoryConnection connection) {
    connections.put(connection.remotePeer(), connection);
    addAddresses(connection.remotePeer(), connection.remote().listenAddresses());
    notifyListeners(listener -> {
      listener.connected(connection);
      identified(listener, connection.remote());
    });
  }

  private static void identified(Listener listener, MemoryHost remote) {
    listener.identified(
        remote.peerId, List.copyOf(remote.handlers.keySet()), remote.listenAddresses());
  }

  /** Plays the identify push: a change of protocols reaches every connected peer. */
  private void tellPeers() {
    for (MemoryConnection connection : connections.values()) {
      connection.remote().notifyListeners(listener -> identified(listener, this));
    }
  }

  void forget(PeerId peer, MemoryConnection.Link link) {
    MemoryConnection connection = connections.get(peer);
    if (connection != null && connection.link() == link && connections.remove(peer, connection)) {
      notifyListeners(listener -> listener.disconnected(connection));
    }
  }

  private void notifyListeners(Consumer<Listener> event) {
    for (Listener listener : listeners) {
      Thread.ofVirtual().name("memory-listener").start(() -> event.accept(listener));
    }
  }

  @Override
  public List<Connection> connections() {
    return new ArrayList<>(connections.values());
  }

  @Override
  public void protect(PeerId peer, String reason) {} // it closes no connections

  @Override
  public void unprotect(PeerId peer, String reason) {}

  /** The streams open on the connection to {@code peer}, for leak checks. */
  public int openStreams(PeerId peer) {
    MemoryConnection connection = connections.get(peer);
    return connection == null ? 0 : connection.link().streamCount();
  }

  @Override
  public void addListener(Listener listener) {
    listeners.add(listener);
  }

  @Override
  public void close() {
    closed = true;
    network.leave(this);
    List.copyOf(connections.values()).forEach(MemoryConnection::close);
  }
}
