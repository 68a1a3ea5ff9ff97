/**
 * The signed documents peers exchange about a task, their validation, and the mergeable board of a
 * unit. This package holds what all of them share: the reasons for which something is refused.
 */
@NullMarked
package org.skerry.board;

import org.jspecify.annotations.NullMarked;
