@NullMarked
package org.skerry.transfer.serve;

import org.jspecify.annotations.NullMarked;
