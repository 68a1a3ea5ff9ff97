@NullMarked
package org.skerry.board.dagcbor;

import org.jspecify.annotations.NullMarked;
