/** The whole story on one machine, as separate processes over real sockets. */
@NullMarked
package org.skerry.node.demo;

import org.jspecify.annotations.NullMarked;
