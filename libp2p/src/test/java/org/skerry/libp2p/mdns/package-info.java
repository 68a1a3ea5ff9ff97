@NullMarked
package org.skerry.libp2p.mdns;

import org.jspecify.annotations.NullMarked;
