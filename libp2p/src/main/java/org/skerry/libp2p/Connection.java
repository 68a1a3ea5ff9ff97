package org.skerry.libp2p;

/** One secured and multiplexed connection to a peer. */
public interface Connection {
  PeerId remotePeer();

  /** The address at the other end. */
  Multiaddr remoteAddress();

  /** Whether this side dialled. */
  boolean initiator();

  boolean isOpen();

  void close();
}
