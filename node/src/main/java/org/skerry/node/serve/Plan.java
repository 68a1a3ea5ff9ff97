package org.skerry.node.serve;

import java.util.List;
import java.util.stream.Stream;
import org.skerry.node.generate.PictureRequest;

/**
 * What a call comes to.
 *
 * @param size of a finished picture's side, in pixels
 * @param warnings what of the call could not be done as it was asked for, as sentences
 */
record Plan(PictureRequest request, int size, List<String> warnings) {
  Plan {
    warnings = List.copyOf(warnings);
  }

  /** The same, with more to say. */
  Plan and(List<String> more) {
    return new Plan(request, size, Stream.concat(warnings.stream(), more.stream()).toList());
  }
}
