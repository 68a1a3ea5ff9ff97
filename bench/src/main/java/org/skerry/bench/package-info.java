/** Benchmarks, one command each: a table for people, and one JSON object as the last line. */
@NullMarked
package org.skerry.bench;

import org.jspecify.annotations.NullMarked;
