/** Nodes that all start at the same moment. */
@NullMarked
package org.skerry.simulation.bootstrap;

import org.jspecify.annotations.NullMarked;
