@NullMarked
package org.skerry.transfer.compress;

import org.jspecify.annotations.NullMarked;
