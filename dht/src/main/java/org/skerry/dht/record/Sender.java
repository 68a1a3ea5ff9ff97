package org.skerry.dht.record;

import org.skerry.dht.routing.Origin;
import org.skerry.libp2p.PeerId;

/** Where a value comes from: whoever checks it may trust and charge each sender differently. */
public sealed interface Sender {
  /** This node itself: what it publishes, holds, or joined from values it had checked. */
  record Self() implements Sender {}

  /**
   * Another peer: it put the value here, or answered with it.
   *
   * @param origin with whom it shares what this node does for its peers
   */
  record Remote(PeerId peer, Origin origin) implements Sender {}
}
