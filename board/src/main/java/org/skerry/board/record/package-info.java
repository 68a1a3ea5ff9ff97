/**
 * Documents and boards as records of the distributed hash table, and the client that reads and
 * writes them.
 */
@NullMarked
package org.skerry.board.record;

import org.jspecify.annotations.NullMarked;
