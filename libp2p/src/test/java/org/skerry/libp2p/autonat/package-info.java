@NullMarked
package org.skerry.libp2p.autonat;

import org.jspecify.annotations.NullMarked;
