/**
 * The signed documents peers exchange about a task, their validation, and the mergeable board of a
 * unit.
 */
@NullMarked
package org.skerry.board;

import org.jspecify.annotations.NullMarked;
