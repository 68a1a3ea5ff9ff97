/** How fast, and how much in a day, blobs may come and go. */
@NullMarked
package org.skerry.transfer.limit;

import org.jspecify.annotations.NullMarked;
