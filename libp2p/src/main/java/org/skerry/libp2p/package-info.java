/**
 * The libp2p wire stack: identities, addresses, secure multiplexed connections and a {@code Host}.
 */
@NullMarked
package org.skerry.libp2p;

import org.jspecify.annotations.NullMarked;
