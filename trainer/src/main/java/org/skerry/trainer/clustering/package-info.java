/** Two-stage clustering of features into the partitions that experts train on. */
@NullMarked
package org.skerry.trainer.clustering;

import org.jspecify.annotations.NullMarked;
