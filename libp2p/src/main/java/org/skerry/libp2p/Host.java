package org.skerry.libp2p;

import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** This peer on the network: it listens, dials, and opens and serves streams. Thread-safe. */
public interface Host extends AutoCloseable {
  PeerId peerId();

  /**
   * The addresses this host is to be reached at: those it listens on, ports resolved, and those at
   * which others see these, if they are known. Without a {@code /p2p} part.
   */
  List<Multiaddr> listenAddresses();

  /** Serves {@code protocol} from now on. */
  void handle(String protocol, StreamHandler handler);

  /** Stops serving {@code protocol}. */
  void unhandle(String protocol);

  /** Remembers where {@code peer} may be reached. */
  void addAddresses(PeerId peer, Collection<Multiaddr> addresses);

  /** The addresses known for {@code peer}, those that worked last first. */
  List<Multiaddr> addresses(PeerId peer);

  /** The open connection to {@code peer}, or a new one over its known addresses. */
  Connection connect(PeerId peer, Duration timeout) throws Libp2pException;

  /**
   * Dials an address that ends in {@code /p2p/PEER}; one that begins with {@code /dnsaddr/NAME}
   * stands for those that the domain name system has under that name.
   */
  Connection connect(Multiaddr address, Duration timeout) throws Libp2pException;

  /** Opens a stream to {@code peer} for the first of {@code protocols} that it speaks. */
  Stream open(PeerId peer, List<String> protocols, Duration timeout) throws Libp2pException;

  List<Connection> connections();

  /**
   * Keeps the connections to {@code peer} open though they are idle and there are many, until
   * {@link #unprotect} has been called for each {@code reason} given.
   */
  void protect(PeerId peer, String reason);

  void unprotect(PeerId peer, String reason);

  void addListener(Listener listener);

  /** What happens to connections; called on a virtual thread, never under a lock. */
  interface Listener {
    default void connected(Connection connection) {}

    default void disconnected(Connection connection) {}

    /** The peer's protocols and addresses are known (identify, or a push of it). */
    default void identified(PeerId peer, List<String> protocols, List<Multiaddr> addresses) {}

    /** A peer says where it sees this host; anybody may say anything. */
    default void observed(PeerId by, Multiaddr address) {}
  }

  @Override
  void close();
}
