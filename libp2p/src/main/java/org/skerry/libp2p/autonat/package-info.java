/**
 * AutoNAT v2: whether others can dial this host, told by others who try.
 *
 * @see <a href="https://github.com/libp2p/specs/blob/master/autonat/autonat-v2.md">AutoNAT v2</a>
 */
@NullMarked
package org.skerry.libp2p.autonat;

import org.jspecify.annotations.NullMarked;
