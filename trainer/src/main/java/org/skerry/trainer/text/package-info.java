/** What experts that read see of captions: encoded once, by whoever made the task. */
@NullMarked
package org.skerry.trainer.text;

import org.jspecify.annotations.NullMarked;
