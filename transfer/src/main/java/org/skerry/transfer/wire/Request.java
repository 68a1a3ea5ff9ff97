package org.skerry.transfer.wire;

import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;

/** What the fetching side says. */
public sealed interface Request {
  /** The most chunks one request may name. */
  int MAX_CHUNKS = 64;

  /** Begins a stream: everything after it is about this blob. */
  record Open(BlobId blob) implements Request {}

  /**
   * Asks for {@code count} chunks from {@code first} on; each is answered by itself, in order.
   *
   * @param planes whether a chunk may come encoded by {@link
   *     org.skerry.transfer.compress.PlaneCodec}
   */
  record Want(int first, int count, boolean planes) implements Request {
    public Want {
      if (first < 0 || first >= BlobHead.MAX_CHUNKS || count < 1 || count > MAX_CHUNKS) {
        throw new IllegalArgumentException("a request for " + count + " chunks from " + first);
      }
    }
  }

  /** Asks what the server has by now. */
  record Refresh() implements Request {}
}
