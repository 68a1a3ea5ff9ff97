/** What peers, and the neighbours they share addresses with, may take of a node. */
@NullMarked
package org.skerry.dht.limit;

import org.jspecify.annotations.NullMarked;
