/** The jobs that a worker of this module knows: train, evaluate, measure. */
@NullMarked
package org.skerry.trainer.worker.job;

import org.jspecify.annotations.NullMarked;
