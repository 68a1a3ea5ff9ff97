/** What happened on a node, as typed events in an append-only file of JSON lines. */
@NullMarked
package org.skerry.node.event;

import org.jspecify.annotations.NullMarked;
