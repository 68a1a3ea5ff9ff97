/** The kad-dht message and its bytes. */
@NullMarked
package org.skerry.dht.wire;

import org.jspecify.annotations.NullMarked;
