/** Blobs on disk: whole ones as plain files, partial ones that survive a kill. */
@NullMarked
package org.skerry.transfer.store;

import org.jspecify.annotations.NullMarked;
