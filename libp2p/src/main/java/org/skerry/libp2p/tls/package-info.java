/** TLS 1.3 between peers whose certificates carry their identity. */
@NullMarked
package org.skerry.libp2p.tls;

import org.jspecify.annotations.NullMarked;
