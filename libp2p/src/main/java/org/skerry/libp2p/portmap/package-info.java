/**
 * Asks the router of a home to let connections in: NAT-PMP and UPnP IGD. What a router says is
 * bounded, and believed only as far as it could be true.
 */
@NullMarked
package org.skerry.libp2p.portmap;

import org.jspecify.annotations.NullMarked;
