/** Images that a dataset holds more than once, exactly or nearly. */
@NullMarked
package org.skerry.trainer.duplicate;

import org.jspecify.annotations.NullMarked;
