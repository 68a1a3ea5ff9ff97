@NullMarked
package org.skerry.libp2p.relay;

import org.jspecify.annotations.NullMarked;
