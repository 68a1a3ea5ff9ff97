/**
 * A good guest: when this computer's owner wants nothing computed, and why.
 *
 * <p>{@link org.skerry.node.guest.Condition} says what stands against computing now; {@link
 * org.skerry.node.guest.Guest} asks them all, again and again, and lets go on or pauses.
 */
@NullMarked
package org.skerry.node.guest;

import org.jspecify.annotations.NullMarked;
