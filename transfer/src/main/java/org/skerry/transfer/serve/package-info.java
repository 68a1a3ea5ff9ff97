/** Serving blobs to other peers, within limits. */
@NullMarked
package org.skerry.transfer.serve;

import org.jspecify.annotations.NullMarked;
