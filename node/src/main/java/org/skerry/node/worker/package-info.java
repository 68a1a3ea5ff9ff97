/** The child process of a node: the only place where tensors live. */
@NullMarked
package org.skerry.node.worker;

import org.jspecify.annotations.NullMarked;
