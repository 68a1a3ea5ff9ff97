/**
 * Ensembles as folders that other people's tools can read: the layout that Paris is published in on
 * Hugging Face, with the signed documents beside it.
 */
@NullMarked
package org.skerry.node.ensemble.folder;

import org.jspecify.annotations.NullMarked;
