/** The board of a unit: a bounded, mergeable set of signed documents. */
@NullMarked
package org.skerry.board.merge;

import org.jspecify.annotations.NullMarked;
