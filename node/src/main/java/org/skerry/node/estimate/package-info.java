/** What a unit will cost on this computer, before it is claimed. */
@NullMarked
package org.skerry.node.estimate;

import org.jspecify.annotations.NullMarked;
