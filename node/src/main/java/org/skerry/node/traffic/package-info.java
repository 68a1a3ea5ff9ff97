/** The owner's line: what blobs take of it, and what they may take. */
@NullMarked
package org.skerry.node.traffic;

import org.jspecify.annotations.NullMarked;
