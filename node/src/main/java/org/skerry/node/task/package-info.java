/** From images to a signed task, and from a task's documents to what trainer and router run. */
@NullMarked
package org.skerry.node.task;

import org.jspecify.annotations.NullMarked;
