@NullMarked
package org.skerry.libp2p.portmap;

import org.jspecify.annotations.NullMarked;
