/** Whether somebody sits at this computer. */
@NullMarked
package org.skerry.node.presence;

import org.jspecify.annotations.NullMarked;
