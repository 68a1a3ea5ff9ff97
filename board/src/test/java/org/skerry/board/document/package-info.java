@NullMarked
package org.skerry.board.document;

import org.jspecify.annotations.NullMarked;
