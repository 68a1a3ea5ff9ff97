/** Self-describing values of the multiformats project: varints, bases, multihashes and CIDs. */
@NullMarked
package org.skerry.libp2p.multiformats;

import org.jspecify.annotations.NullMarked;
