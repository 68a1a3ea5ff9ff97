/** Content-addressed blobs: Merkle tree, blob store, and verified fetching from many peers. */
@NullMarked
package org.skerry.transfer;

import org.jspecify.annotations.NullMarked;
