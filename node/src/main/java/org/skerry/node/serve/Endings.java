package org.skerry.node.serve;

import java.util.List;
import org.skerry.node.generate.Picture;
import org.skerry.node.serve.CallException.Code;

/** What a caller who waited for a job gets. */
final class Endings {
  private static final int MAX_SHOWN = 100;

  private Endings() {}

  static List<Picture> pictures(Job.View over) throws CallException {
    return switch (over.state()) {
      case DONE -> over.pictures();
      case CANCELLED ->
          throw new CallException(Code.CANCELLED, "the pictures were cancelled", "ask again");
      case FAILED -> throw new CallException(Code.FAILED, String.valueOf(over.error()));
      case QUEUED, RUNNING -> throw new IllegalStateException("job is " + over.state());
    };
  }

  /** A caller's own word, for a sentence. */
  static String shortened(String word) {
    return word.length() <= MAX_SHOWN ? word : word.substring(0, MAX_SHOWN) + "…";
  }
}
