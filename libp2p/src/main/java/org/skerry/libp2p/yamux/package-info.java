/**
 * Yamux {@code /yamux/1.0.0}: many flow-controlled streams over one connection, as a state machine
 * without a channel, thread or clock.
 */
@NullMarked
package org.skerry.libp2p.yamux;

import org.jspecify.annotations.NullMarked;
