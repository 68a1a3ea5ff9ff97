/** Peers of the same local network find each other by multicast DNS. */
@NullMarked
package org.skerry.libp2p.mdns;

import org.jspecify.annotations.NullMarked;
