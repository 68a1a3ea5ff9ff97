/** One model trained on everything beside an ensemble of experts, for equal compute. */
@NullMarked
package org.skerry.bench.ddm;

import org.jspecify.annotations.NullMarked;
