/** What a worker can train on. */
@NullMarked
package org.skerry.node.device;

import org.jspecify.annotations.NullMarked;
