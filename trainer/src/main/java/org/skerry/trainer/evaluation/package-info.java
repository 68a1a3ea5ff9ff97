/** Losses on fixed draws, and router accuracy. */
@NullMarked
package org.skerry.trainer.evaluation;

import org.jspecify.annotations.NullMarked;
