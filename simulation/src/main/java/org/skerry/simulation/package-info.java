/**
 * Many nodes on one simulated clock and network: the cores are those of production, and only what
 * drives them is of this module. A seed says everything that happens in a run.
 */
@NullMarked
package org.skerry.simulation;

import org.jspecify.annotations.NullMarked;
