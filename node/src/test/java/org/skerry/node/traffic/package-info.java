@NullMarked
package org.skerry.node.traffic;

import org.jspecify.annotations.NullMarked;
