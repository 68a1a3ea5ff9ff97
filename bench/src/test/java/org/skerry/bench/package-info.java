@NullMarked
package org.skerry.bench;

import org.jspecify.annotations.NullMarked;
