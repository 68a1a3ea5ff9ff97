/**
 * {@code skerry serve}: pictures over HTTP, for tools that speak OpenAI's or AUTOMATIC1111's calls
 * and for programs that speak Skerry's own. Every call, whatever its dialect, becomes a {@link
 * org.skerry.node.serve.Job} before the one queue of a {@link org.skerry.node.serve.PictureSource}.
 */
@NullMarked
package org.skerry.node.serve;

import org.jspecify.annotations.NullMarked;
