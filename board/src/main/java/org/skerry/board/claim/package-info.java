/** How peers share the units of a task among themselves without asking anybody. */
@NullMarked
package org.skerry.board.claim;

import org.jspecify.annotations.NullMarked;
