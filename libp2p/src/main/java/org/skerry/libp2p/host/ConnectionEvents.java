package org.skerry.libp2p.host;

import org.skerry.libp2p.Connection;

/** What happens on a connection. */
interface ConnectionEvents {
  /** Which connection it is. */
  Connection connection();

  /** The connection may be used. Called once, on the event loop. */
  void ready();

  /** The remote opened a stream. Called on the event loop. */
  void inbound(MuxedStream stream);

  /** The connection is over. Called once, on the event loop. */
  void closed();

  /** Makes the listener of a connection that is about to be ready. */
  interface Factory {
    ConnectionEvents of(MuxedConnection connection);
  }
}
