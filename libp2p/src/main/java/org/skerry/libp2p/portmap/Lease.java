package org.skerry.libp2p.portmap;

/**
 * What a router granted.
 *
 * @param externalPort the router's own
 * @param seconds how long it holds; 0 until it is deleted
 */
record Lease(Port port, int externalPort, long seconds) {
  Lease {
    if (externalPort < 1 || externalPort > 65535 || seconds < 0) {
      throw new IllegalArgumentException(
          port + " at port " + externalPort + " for " + seconds + " s");
    }
  }
}
