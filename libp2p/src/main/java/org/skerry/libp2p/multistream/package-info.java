/**
 * multistream-select 1.0: how both ends of a connection or stream agree on its protocol.
 *
 * @see <a href="https://github.com/multiformats/multistream-select">multistream-select</a>
 */
@NullMarked
package org.skerry.libp2p.multistream;

import org.jspecify.annotations.NullMarked;
