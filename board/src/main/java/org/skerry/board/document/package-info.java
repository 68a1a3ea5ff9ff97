/**
 * What peers say to each other about a task, each in a signed document: values, their one encoding,
 * and the bounds a reader enforces before it believes a byte.
 */
@NullMarked
package org.skerry.board.document;

import org.jspecify.annotations.NullMarked;
