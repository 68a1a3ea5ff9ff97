@NullMarked
package org.skerry.libp2p.multiformats;

import org.jspecify.annotations.NullMarked;
