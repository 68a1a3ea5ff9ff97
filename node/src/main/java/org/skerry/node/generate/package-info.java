/** Pictures from a pulled ensemble, for whoever asks: a queue before one warm worker process. */
@NullMarked
package org.skerry.node.generate;

import org.jspecify.annotations.NullMarked;
