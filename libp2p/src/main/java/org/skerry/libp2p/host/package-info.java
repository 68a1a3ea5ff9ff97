/** A host over TCP: dialling, listening, securing and multiplexing connections, within limits. */
@NullMarked
package org.skerry.libp2p.host;

import org.jspecify.annotations.NullMarked;
