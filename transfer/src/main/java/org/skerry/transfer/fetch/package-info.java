/** Fetching a blob from many peers at once, trusting none of them. */
@NullMarked
package org.skerry.transfer.fetch;

import org.jspecify.annotations.NullMarked;
