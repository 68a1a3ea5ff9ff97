/** The router network, the ensemble of experts, samplers and image output. */
@NullMarked
package org.skerry.router;

import org.jspecify.annotations.NullMarked;
