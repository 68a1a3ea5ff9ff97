@NullMarked
package org.skerry.transfer.fetch;

import org.jspecify.annotations.NullMarked;
