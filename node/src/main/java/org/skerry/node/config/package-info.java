/** What the owner of a node decides: {@code config.toml}, network files and environment. */
@NullMarked
package org.skerry.node.config;

import org.jspecify.annotations.NullMarked;
