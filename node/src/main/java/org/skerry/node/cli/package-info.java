/** The {@code skerry} command. */
@NullMarked
package org.skerry.node.cli;

import org.jspecify.annotations.NullMarked;
