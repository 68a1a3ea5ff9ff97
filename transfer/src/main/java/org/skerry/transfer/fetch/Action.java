package org.skerry.transfer.fetch;

import org.skerry.libp2p.PeerId;
import org.skerry.transfer.TransferException;

/** What a {@link FetchPlan} wants done. */
sealed interface Action {
  /** Ask for more peers that have the blob. */
  record FindSources() implements Action {}

  record Connect(PeerId peer) implements Action {}

  /** Ask a connected peer for chunks, which may come as planes. */
  record Want(PeerId peer, int first, int count, boolean planes) implements Action {}

  /** Ask a connected peer what it has by now. */
  record Refresh(PeerId peer) implements Action {}

  /** End the connection's stream. */
  record Drop(PeerId peer) implements Action {}

  /** Nothing came for a while; the fetch goes on. */
  record Stalled(String message) implements Action {}

  /** Every chunk is kept. */
  record Complete() implements Action {}

  record Fail(TransferException.Reason reason, String message) implements Action {}
}
