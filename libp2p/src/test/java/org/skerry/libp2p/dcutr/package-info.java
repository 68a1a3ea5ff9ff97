@NullMarked
package org.skerry.libp2p.dcutr;

import org.jspecify.annotations.NullMarked;
