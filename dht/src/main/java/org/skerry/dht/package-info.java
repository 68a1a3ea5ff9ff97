/**
 * Kademlia as libp2p speaks it: {@link org.skerry.dht.Dht} drives the sans-IO cores of the packages
 * below over a {@code Host}.
 */
@NullMarked
package org.skerry.dht;

import org.jspecify.annotations.NullMarked;
