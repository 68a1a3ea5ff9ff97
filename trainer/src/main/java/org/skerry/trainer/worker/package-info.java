/** The worker process: a child JVM that owns libtorch, and the framed pipe to it. */
@NullMarked
package org.skerry.trainer.worker;

import org.jspecify.annotations.NullMarked;
