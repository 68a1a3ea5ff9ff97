/** What a node believes: accepted weights, allowed publishers. */
@NullMarked
package org.skerry.board.trust;

import org.jspecify.annotations.NullMarked;
