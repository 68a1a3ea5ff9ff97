/** What moves parameters: AdamW with global-norm clipping, and their moving average. */
@NullMarked
package org.skerry.diffusion.optimizer;

import org.jspecify.annotations.NullMarked;
