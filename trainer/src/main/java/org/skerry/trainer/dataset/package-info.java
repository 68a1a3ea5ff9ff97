/**
 * Where images come from: WebDataset tars, folders, the built-in generator; and shards going out.
 */
@NullMarked
package org.skerry.trainer.dataset;

import org.jspecify.annotations.NullMarked;
