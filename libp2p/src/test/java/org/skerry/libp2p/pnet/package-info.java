@NullMarked
package org.skerry.libp2p.pnet;

import org.jspecify.annotations.NullMarked;
