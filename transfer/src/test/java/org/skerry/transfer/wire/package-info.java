@NullMarked
package org.skerry.transfer.wire;

import org.jspecify.annotations.NullMarked;
