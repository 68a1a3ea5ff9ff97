/** The messages of the blob protocol (docs/PROTOCOL.md, section 6). */
@NullMarked
package org.skerry.transfer.wire;

import org.jspecify.annotations.NullMarked;
