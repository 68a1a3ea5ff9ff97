package org.skerry.transfer.fetch;

import java.util.Set;
import org.skerry.transfer.TransferLedger.Rejection;

/** What a source does after its first chunks, which are genuine. */
enum Fault {
  NONE,
  FIRST_BYTE(Rejection.BAD_CHUNK),
  MIDDLE_BYTE(Rejection.BAD_CHUNK),
  LAST_BYTE(Rejection.BAD_CHUNK),
  /** One hash too many. */
  LONG_PROOF(Rejection.BAD_PROOF),
  /** A wrong hash; only what is proven already tells the proof's fault from the chunk's. */
  WRONG_PROOF(Rejection.BAD_PROOF, Rejection.BAD_CHUNK),
  /** Sends nothing any more, and stays. */
  STALLS,
  /** Ends every stream after one chunk. */
  DISCONNECTS,
  /** Has none of the chunks it said it has. */
  GONE;

  /** What the fetcher may call it; empty when it is no lie. */
  final Set<Rejection> rejections;

  Fault(Rejection... rejections) {
    this.rejections = Set.of(rejections);
  }

  boolean lies() {
    return !rejections.isEmpty();
  }
}
