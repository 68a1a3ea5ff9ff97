/** Features by DINOv2's vision transformers, from weights that the user gives. */
@NullMarked
package org.skerry.trainer.dino;

import org.jspecify.annotations.NullMarked;
