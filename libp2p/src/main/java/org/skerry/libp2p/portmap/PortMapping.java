package org.skerry.libp2p.portmap;

import java.util.List;
import org.skerry.libp2p.Multiaddr;

/** What came of asking routers to let connections in. */
public sealed interface PortMapping {
  /** No router has answered yet. */
  record Asking() implements PortMapping {}

  /**
   * A router passes on what comes to it.
   *
   * @param router which, and how it was asked
   * @param addresses where; maybe not all transports
   */
  record Mapped(String router, List<Multiaddr> addresses) implements PortMapping {
    public Mapped {
      addresses = List.copyOf(addresses);
      if (addresses.isEmpty()) {
        throw new IllegalArgumentException("mapped by " + router + ", but to nowhere");
      }
    }
  }

  /**
   * None does.
   *
   * @param detail what was seen, a sentence without its end
   */
  record NotMapped(Reason reason, String detail) implements PortMapping {}

  /** Why no port is mapped. */
  enum Reason {
    /** None answers to NAT-PMP or UPnP. */
    NO_ROUTER,
    /** One answers, and says no or nothing that makes sense. */
    REFUSED,
    /** One would, but is itself behind another, so that it would not help. */
    BEHIND_ANOTHER_NAT
  }
}
