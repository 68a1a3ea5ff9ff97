/**
 * The folder a node lives in: its layout, its identity key, and the lock that makes it one node's.
 */
@NullMarked
package org.skerry.node.home;

import org.jspecify.annotations.NullMarked;
