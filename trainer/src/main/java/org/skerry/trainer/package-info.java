/**
 * What training does: datasets, clustering, the training loop, checkpoints, evaluation, the worker
 * process.
 */
@NullMarked
package org.skerry.trainer;

import org.jspecify.annotations.NullMarked;
