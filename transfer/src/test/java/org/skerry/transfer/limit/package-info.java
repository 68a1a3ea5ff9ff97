@NullMarked
package org.skerry.transfer.limit;

import org.jspecify.annotations.NullMarked;
