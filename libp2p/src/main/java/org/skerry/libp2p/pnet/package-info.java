/** Private networks: connections of those alone who share a key. */
@NullMarked
package org.skerry.libp2p.pnet;

import org.jspecify.annotations.NullMarked;
