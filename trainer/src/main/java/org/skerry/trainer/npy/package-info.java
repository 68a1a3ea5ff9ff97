/** NumPy's file format for one array. */
@NullMarked
package org.skerry.trainer.npy;

import org.jspecify.annotations.NullMarked;
