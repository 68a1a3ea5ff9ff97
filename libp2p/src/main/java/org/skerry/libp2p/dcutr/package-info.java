/**
 * Direct connection upgrade through relay: two peers behind routers that meet at a relay dial each
 * other at the same moment, so that neither router takes the other's packets for a stranger's.
 *
 * @see <a href="https://github.com/libp2p/specs/blob/master/relay/DCUtR.md">DCUtR</a>
 */
@NullMarked
package org.skerry.libp2p.dcutr;

import org.jspecify.annotations.NullMarked;
