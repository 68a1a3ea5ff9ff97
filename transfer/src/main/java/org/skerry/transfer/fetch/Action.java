package org.skerry.transfer.fetch;

import org.skerry.transfer.SourceId;
import org.skerry.transfer.TransferException;

/** What a {@link FetchPlan} wants done. */
sealed interface Action {
  /** Ask for more peers that have the blob. */
  record FindSources() implements Action {}

  record Connect(SourceId source) implements Action {}

  /** Ask a connected source for chunks, which may come as planes. */
  record Want(SourceId source, int first, int count, boolean planes) implements Action {}

  /** Ask a connected source what it has by now. */
  record Refresh(SourceId source) implements Action {}

  /** End the connection's stream. */
  record Drop(SourceId source) implements Action {}

  /** Nothing came for a while; the fetch goes on. */
  record Stalled(String message) implements Action {}

  /** Every chunk is kept. */
  record Complete() implements Action {}

  record Fail(TransferException.Reason reason, String message) implements Action {}
}
