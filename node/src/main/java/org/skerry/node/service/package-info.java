/** The node as a service of the system, which starts with it. */
@NullMarked
package org.skerry.node.service;

import org.jspecify.annotations.NullMarked;
