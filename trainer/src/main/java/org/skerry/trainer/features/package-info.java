/**
 * Image features: built-in ones that need no weights, given ones, and their principal components.
 */
@NullMarked
package org.skerry.trainer.features;

import org.jspecify.annotations.NullMarked;
