/** Reading and writing the safetensors format, strictly and without executing anything. */
@NullMarked
package org.skerry.diffusion.safetensors;

import org.jspecify.annotations.NullMarked;
