@NullMarked
package org.skerry.node.guest;

import org.jspecify.annotations.NullMarked;
