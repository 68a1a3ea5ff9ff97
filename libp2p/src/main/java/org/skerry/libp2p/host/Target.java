package org.skerry.libp2p.host;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.skerry.libp2p.Multiaddr;

/**
 * Where to dial.
 *
 * @param socket nothing when the way leads through a {@link Tunnel}
 */
record Target(Multiaddr address, Optional<InetSocketAddress> socket) {}
