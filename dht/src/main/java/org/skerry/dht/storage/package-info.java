/** A small durable key-value store: one folder, named column families. */
@NullMarked
package org.skerry.dht.storage;

import org.jspecify.annotations.NullMarked;
