@NullMarked
package org.skerry.libp2p.tls;

import org.jspecify.annotations.NullMarked;
