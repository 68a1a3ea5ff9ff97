/** Identity keys and their libp2p encodings. */
@NullMarked
package org.skerry.libp2p.crypto;

import org.jspecify.annotations.NullMarked;
