@NullMarked
package org.skerry.libp2p.multistream;

import org.jspecify.annotations.NullMarked;
