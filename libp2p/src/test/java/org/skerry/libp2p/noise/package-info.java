@NullMarked
package org.skerry.libp2p.noise;

import org.jspecify.annotations.NullMarked;
