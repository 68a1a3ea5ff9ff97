/** The training loop, its recipe and its checkpoints. */
@NullMarked
package org.skerry.trainer.training;

import org.jspecify.annotations.NullMarked;
