/** The running node: its network, and the loops that volunteer, evaluate and publish. */
@NullMarked
package org.skerry.node.daemon;

import org.jspecify.annotations.NullMarked;
