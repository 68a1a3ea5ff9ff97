/** The daemon's control interface: HTTP on loopback with a token, its server and its client. */
@NullMarked
package org.skerry.node.control;

import org.jspecify.annotations.NullMarked;
