/** The thin layer over libtorch: engine start-up, gradients, and kernels DJL has no call for. */
@NullMarked
package org.skerry.diffusion.torch;

import org.jspecify.annotations.NullMarked;
