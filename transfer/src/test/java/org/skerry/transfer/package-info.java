@NullMarked
package org.skerry.transfer;

import org.jspecify.annotations.NullMarked;
