/**
 * Circuit relay v2: connections to peers behind routers, over a peer that both sides reach, and the
 * service that such a peer gives.
 *
 * @see <a href="https://github.com/libp2p/specs/blob/master/relay/circuit-v2.md">Circuit v2</a>
 */
@NullMarked
package org.skerry.libp2p.relay;

import org.jspecify.annotations.NullMarked;
