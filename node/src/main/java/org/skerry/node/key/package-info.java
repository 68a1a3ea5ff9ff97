/** The statements that a publisher keeps, and makes, about the own key. */
@NullMarked
package org.skerry.node.key;

import org.jspecify.annotations.NullMarked;
