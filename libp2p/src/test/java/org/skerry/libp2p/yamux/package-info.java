@NullMarked
package org.skerry.libp2p.yamux;

import org.jspecify.annotations.NullMarked;
