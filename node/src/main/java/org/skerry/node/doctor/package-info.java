/** Looks for what keeps this computer from being a node, and says what to do about it. */
@NullMarked
package org.skerry.node.doctor;

import org.jspecify.annotations.NullMarked;
