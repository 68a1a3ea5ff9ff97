/** Sans-IO cores of Kademlia: keys and distance, the routing table, iterative lookups. */
@NullMarked
package org.skerry.dht.routing;

import org.jspecify.annotations.NullMarked;
