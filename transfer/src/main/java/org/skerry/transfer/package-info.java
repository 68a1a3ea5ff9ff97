/** Content-addressed blobs: their ids, their Merkle tree, and what a source of chunks is. */
@NullMarked
package org.skerry.transfer;

import org.jspecify.annotations.NullMarked;
