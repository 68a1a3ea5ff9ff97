@NullMarked
package org.skerry.libp2p;

import org.jspecify.annotations.NullMarked;
