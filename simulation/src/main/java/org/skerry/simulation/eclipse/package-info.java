/** An attack on the neighbourhood of one board's key. */
@NullMarked
package org.skerry.simulation.eclipse;

import org.jspecify.annotations.NullMarked;
