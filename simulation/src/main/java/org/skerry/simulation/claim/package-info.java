/** Volunteers that claim the units of a task, on one simulated clock and network. */
@NullMarked
package org.skerry.simulation.claim;

import org.jspecify.annotations.NullMarked;
