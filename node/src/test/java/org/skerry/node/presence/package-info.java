@NullMarked
package org.skerry.node.presence;

import org.jspecify.annotations.NullMarked;
