/** Where the log goes. */
@NullMarked
package org.skerry.node.log;

import org.jspecify.annotations.NullMarked;
