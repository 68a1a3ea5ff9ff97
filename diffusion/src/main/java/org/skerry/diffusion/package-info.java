/**
 * What a model is: networks as pure functions of named parameters, the flow path, safetensors,
 * torch kernels.
 */
@NullMarked
package org.skerry.diffusion;

import org.jspecify.annotations.NullMarked;
