/** Kademlia as libp2p speaks it: routing table, lookups, value and provider records. */
@NullMarked
package org.skerry.dht;

import org.jspecify.annotations.NullMarked;
