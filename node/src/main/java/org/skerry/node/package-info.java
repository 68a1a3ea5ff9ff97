/** The {@code skerry} command, the daemon and its worker. */
@NullMarked
package org.skerry.node;

import org.jspecify.annotations.NullMarked;
