package org.skerry.transfer.wire;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.ProvenChunk;
import org.skerry.transfer.compress.PlaneCodec;

/** What the serving side says. */
public sealed interface Response {
  /** Answers an opening. */
  record Opened(BlobHead head, ChunkSet have) implements Response {}

  /** Answers a refresh. */
  record Have(ChunkSet have) implements Response {}

  /**
   * Answers a want.
   *
   * @param chunk its data are those on the wire
   * @param planes whether they are encoded by {@link PlaneCodec}
   */
  record Chunk(ProvenChunk chunk, boolean planes) implements Response {
    /** The chunk as it is. */
    public static Chunk plain(ProvenChunk chunk) {
      return new Chunk(chunk, false);
    }

    /**
     * The chunk encoded where that makes it smaller.
     *
     * @param room as of {@link PlaneCodec#room}; what is encoded lies in it
     */
    public static Chunk planes(ProvenChunk chunk, ByteBuffer room) {
      return PlaneCodec.encode(chunk.data(), room)
          .map(data -> new Chunk(new ProvenChunk(chunk.index(), data, chunk.proof()), true))
          .orElseGet(() -> plain(chunk));
    }

    /** Bytes of the data on the wire. */
    public int wireBytes() {
      return chunk.data().remaining();
    }

    /**
     * The chunk of {@code sizeBytes}, decoded if need be and not verified yet.
     *
     * @throws DataFormatException when the data do not decode
     */
    public ProvenChunk decoded(int sizeBytes) throws DataFormatException {
      return planes
          ? new ProvenChunk(
              chunk.index(), PlaneCodec.decode(chunk.data(), sizeBytes), chunk.proof())
          : chunk;
    }
  }

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
