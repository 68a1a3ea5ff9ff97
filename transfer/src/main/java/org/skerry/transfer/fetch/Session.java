package org.skerry.transfer.fetch;

import org.skerry.transfer.BlobHead;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.ProvenChunk;
import org.skerry.transfer.SourceId;
import org.skerry.transfer.TransferLedger.Rejection;

/**
 * What goes on with one source of a blob. What happens goes to {@link Events}; after {@link #end}
 * nothing does any more. Its methods never block.
 */
sealed interface Session permits PeerSession, WebSession {
  /** What a session tells its fetch; called on the session's threads. */
  interface Events {
    void opened(Session session, BlobHead head, ChunkSet have);

    void have(Session session, ChunkSet have);

    /**
     * A chunk that was asked for came, as so many bytes; it is not verified yet. Its data may be
     * overwritten after the call.
     */
    void chunk(Session session, ProvenChunk chunk, int wireBytes);

    void gone(Session session, int index);

    void lied(Session session, Rejection rejection);

    /**
     * @param leaveAloneMs how long the source asked for it, 0 when it did not
     */
    void failed(Session session, FetchPlan.Failure failure, long leaveAloneMs);
  }

  SourceId source();

  boolean ended();

  void start();

  /** Asks for chunks, which may come as planes. */
  void want(int first, int count, boolean planes);

  /** Asks what the source has by now. */
  void refresh();

  /** Bytes that came since this was last asked; also those of a chunk that is not whole yet. */
  long takeHeardBytes();

  void end();
}
