/** What a node keeps for others: values, provider records, and the rules both must pass. */
@NullMarked
package org.skerry.dht.record;

import org.jspecify.annotations.NullMarked;
