/** A strict DAG-CBOR codec over a small closed set of values. */
@NullMarked
package org.skerry.board.dagcbor;

import org.jspecify.annotations.NullMarked;
