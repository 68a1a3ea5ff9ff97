/** Turning a dataset into a task: partitions, shards, validation splits, contact sheets. */
@NullMarked
package org.skerry.trainer.partition;

import org.jspecify.annotations.NullMarked;
