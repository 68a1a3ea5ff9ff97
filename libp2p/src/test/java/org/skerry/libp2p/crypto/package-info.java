@NullMarked
package org.skerry.libp2p.crypto;

import org.jspecify.annotations.NullMarked;
