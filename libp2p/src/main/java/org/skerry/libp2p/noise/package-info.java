/**
 * The secure channel: Noise XX with libp2p identities.
 *
 * @see <a href="https://github.com/libp2p/specs/blob/master/noise/README.md">noise-libp2p</a>
 */
@NullMarked
package org.skerry.libp2p.noise;

import org.jspecify.annotations.NullMarked;
