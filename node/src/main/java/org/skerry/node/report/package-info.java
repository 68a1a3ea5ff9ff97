/** The report of a run: one self-contained HTML page with charts drawn as SVG. */
@NullMarked
package org.skerry.node.report;

import org.jspecify.annotations.NullMarked;
