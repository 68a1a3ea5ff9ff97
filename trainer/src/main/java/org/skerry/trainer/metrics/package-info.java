/**
 * Measures of quality that need no network: Fréchet distance and the analytic Gaussian denoiser.
 */
@NullMarked
package org.skerry.trainer.metrics;

import org.jspecify.annotations.NullMarked;
