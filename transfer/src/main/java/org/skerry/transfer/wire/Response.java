package org.skerry.transfer.wire;

import org.skerry.transfer.BlobHead;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.ProvenChunk;

/** What the serving side says. */
public sealed interface Response {
  /** Answers an opening. */
  record Opened(BlobHead head, ChunkSet have) implements Response {}

  /** Answers a refresh. */
  record Have(ChunkSet have) implements Response {}

  /** Answers a want. */
  record Chunk(ProvenChunk chunk) implements Response {}

  /**
   * Answers what cannot be served.
   *
   * @param index the chunk that is gone; 0 for every other reason
   */
  record Refusal(Why why, int index) implements Response {}

  /** Why something cannot be served. */
  enum Why {
    /** Nothing of the blob is here. */
    NOT_FOUND,
    /** All places are taken: come back later. */
    BUSY,
    /** This chunk is not here, or no longer. */
    GONE,
    /** The request broke the protocol's rules. */
    BAD_REQUEST
  }
}
