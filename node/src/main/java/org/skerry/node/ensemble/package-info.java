/** Finished (or half-finished) ensembles on this computer: pulled by name, sampled from offline. */
@NullMarked
package org.skerry.node.ensemble;

import org.jspecify.annotations.NullMarked;
