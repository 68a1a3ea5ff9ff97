@NullMarked
package org.skerry.libp2p.host;

import org.jspecify.annotations.NullMarked;
