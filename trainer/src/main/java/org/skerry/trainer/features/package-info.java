/** Image features that need no weights: average colours, edge energy, principal components. */
@NullMarked
package org.skerry.trainer.features;

import org.jspecify.annotations.NullMarked;
