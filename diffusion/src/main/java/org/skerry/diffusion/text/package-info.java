/** From a prompt to what an expert looks at: tokenizer files, token ids, the encoder's states. */
@NullMarked
package org.skerry.diffusion.text;

import org.jspecify.annotations.NullMarked;
