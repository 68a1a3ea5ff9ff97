/** Making a chunk of weights smaller for the wire. */
@NullMarked
package org.skerry.transfer.compress;

import org.jspecify.annotations.NullMarked;
