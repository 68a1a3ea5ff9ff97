@NullMarked
package org.skerry.transfer.store;

import org.jspecify.annotations.NullMarked;
