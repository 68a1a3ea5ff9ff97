/** The round trip to a peer, measured by echo. */
@NullMarked
package org.skerry.libp2p.ping;

import org.jspecify.annotations.NullMarked;
