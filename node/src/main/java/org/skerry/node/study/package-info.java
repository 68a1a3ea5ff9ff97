/** Measures a pulled ensemble against held-out images and controls, and draws what it samples. */
@NullMarked
package org.skerry.node.study;

import org.jspecify.annotations.NullMarked;
