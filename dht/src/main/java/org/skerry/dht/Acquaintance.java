package org.skerry.dht;

import org.skerry.dht.routing.Whereabouts;
import org.skerry.libp2p.PeerId;

/**
 * A server that is or was in a node's routing table.
 *
 * @param firstMs when it was first seen there
 * @param lastMs when it was last seen there
 */
public record Acquaintance(PeerId peer, Whereabouts where, long firstMs, long lastMs) {}
