/** Skerry and js-libp2p on the two ends of a real socket. */
@NullMarked
package org.skerry.interop;

import org.jspecify.annotations.NullMarked;
