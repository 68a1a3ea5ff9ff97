package org.skerry.libp2p.portmap;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Collection;

/** A router that can be asked; calls block for some seconds at most. Used by one thread. */
interface Router extends AutoCloseable {
  /** How it is asked and where it is, for people: {@code NAT-PMP at 192.168.1.1}. */
  String name();

  /**
   * What a look at it shows.
   *
   * @param external its address on the other side, whatever that is
   * @param forgot whether it has forgotten what was granted
   */
  record Look(InetAddress external, boolean forgot) {}

  /**
   * Looks how it stands.
   *
   * @param held what it granted
   */
  Look look(Collection<Lease> held) throws RouterException;

  /**
   * Has {@code port} mapped, or the mapping renewed.
   *
   * @param wished the external port to have if it is free
   */
  Lease map(Port port, int wished, Duration lifetime) throws RouterException;

  /** Deletes a mapping. */
  void unmap(Lease lease) throws RouterException;

  @Override
  default void close() {}
}
