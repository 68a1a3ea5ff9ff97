/** Stand-ins for the network and the clock, for the tests of every module. */
@NullMarked
package org.skerry.libp2p.testing;

import org.jspecify.annotations.NullMarked;
