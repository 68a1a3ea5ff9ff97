package org.skerry.transfer.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.MerkleProof;
import org.skerry.transfer.ProvenChunk;
import org.skerry.transfer.wire.pb.BlobProto;

/** Reads and writes the messages of {@link #PROTOCOL}, each with a varint length before it. */
public final class BlobWire {
  public static final String PROTOCOL = "/skerry/blob/1.0.0";

  /** The longest request. */
  public static final int MAX_REQUEST_BYTES = 256;

  /** The longest response: a chunk with the longest proof; a bitmap is never longer. */
  public static final int MAX_RESPONSE_BYTES = BlobHead.CHUNK_BYTES + MerkleProof.MAX_BYTES + 128;

  private static final int CHUNK = BlobProto.Response.CHUNK_FIELD_NUMBER;
  private static final int DATA = BlobProto.Response.Chunk.DATA_FIELD_NUMBER;

  private BlobWire() {}

  /** A message that the protocol does not allow. */
  public static final class MalformedException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message);
    }

    MalformedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static void write(Stream stream, Request request) throws Libp2pException {
    BlobProto.Request.Builder out = BlobProto.Request.newBuilder();
    switch (request) {
      case Request.Open open ->
          out.getOpenBuilder().setBlob(ByteString.copyFrom(open.blob().bytes()));
      case Request.Want want -> {
        out.getWantBuilder().setFirst(want.first()).setCount(want.count());
        if (want.planes()) {
          out.getWantBuilder().addEncodings(BlobProto.Encoding.PLANES);
        }
      }
      case Request.Refresh ignored -> out.getRefreshBuilder();
    }
    stream.writeMessage(out.build().toByteArray());
  }

  public static Request readRequest(Stream stream) throws IOException {
    return decodeRequest(stream.readMessage(MAX_REQUEST_BYTES));
  }

  /** Decodes exactly {@code message}. */
  public static Request decodeRequest(byte[] message) throws MalformedException {
    try {
      BlobProto.Request in = BlobProto.Request.parseFrom(message);
      return switch (in.getKindCase()) {
        case OPEN -> new Request.Open(BlobId.ofBytes(in.getOpen().getBlob().toByteArray()));
        case WANT ->
            new Request.Want(
                in.getWant().getFirst(),
                in.getWant().getCount(),
                in.getWant().getEncodingsList().contains(BlobProto.Encoding.PLANES));
        case REFRESH -> new Request.Refresh();
        case KIND_NOT_SET -> throw new MalformedException("a request of no known kind");
      };
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new MalformedException("bad request: " + e.getMessage(), e);
    }
  }

  public static void write(Stream stream, Response response) throws Libp2pException {
    switch (response) {
      case Response.Chunk chunk -> {
        for (ByteBuffer part : framed(chunk)) {
          stream.write(part);
        }
      }
      case Response.Opened ignored -> stream.writeMessage(encode(response));
      case Response.Have ignored -> stream.writeMessage(encode(response));
      case Response.Refusal ignored -> stream.writeMessage(encode(response));
    }
  }

  /**
   * The bytes of {@link #encode} with their length before them, in parts, of which one is the
   * chunk's data as they lie: they are copied once, by the stream.
   */
  static List<ByteBuffer> framed(Response.Chunk chunk) {
    ByteBuffer data = chunk.chunk().data();
    int size = data.remaining();
    BlobProto.Response.Chunk head = // the fields before the data
        BlobProto.Response.Chunk.newBuilder()
            .setIndex(chunk.chunk().index())
            .setProof(ByteString.copyFrom(chunk.chunk().proof().bytes()))
            .build();
    BlobProto.Response.Chunk tail = // the field after them
        BlobProto.Response.Chunk.newBuilder().setEncoding(encoding(chunk)).build();
    int tailSize = tail.getSerializedSize();
    int chunkSize = head.getSerializedSize() + sizeBefore(DATA, size) + size + tailSize;
    int messageSize = sizeBefore(CHUNK, chunkSize) + chunkSize;
    int before = CodedOutputStream.computeUInt32SizeNoTag(messageSize) + messageSize;
    byte[] out = new byte[before - size - tailSize];
    CodedOutputStream to = CodedOutputStream.newInstance(out);
    try {
      to.writeUInt32NoTag(messageSize);
      to.writeTag(CHUNK, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      to.writeUInt32NoTag(chunkSize);
      head.writeTo(to);
      to.writeTag(DATA, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      to.writeUInt32NoTag(size);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    return List.of(ByteBuffer.wrap(out), data, ByteBuffer.wrap(tail.toByteArray()));
  }

  /** Bytes of the tag and length before a field of {@code size} bytes. */
  private static int sizeBefore(int field, int size) {
    return CodedOutputStream.computeTagSize(field) + CodedOutputStream.computeUInt32SizeNoTag(size);
  }

  public static byte[] encode(Response response) {
    BlobProto.Response.Builder out = BlobProto.Response.newBuilder();
    switch (response) {
      case Response.Opened opened ->
          out.getHeadBuilder()
              .setSizeBytes(opened.head().sizeBytes())
              .setRoot(ByteString.copyFrom(opened.head().root().digest()))
              .setHave(encode(opened.have()));
      case Response.Have have -> out.setHave(encode(have.have()));
      case Response.Chunk chunk -> {
        // Wrapped, not copied: nobody writes to these bytes before they are encoded.
        ByteString data = UnsafeByteOperations.unsafeWrap(chunk.chunk().data());
        out.getChunkBuilder()
            .setIndex(chunk.chunk().index())
            .setProof(ByteString.copyFrom(chunk.chunk().proof().bytes()))
            .setData(data)
            .setEncoding(encoding(chunk));
      }
      case Response.Refusal refusal ->
          out.getRefusalBuilder().setReason(encode(refusal.why())).setIndex(refusal.index());
    }
    return out.build().toByteArray();
  }

  /** Reads an answer about a blob whose head is not known yet: all but {@code Have} may come. */
  public static Response readFirst(Stream stream) throws IOException {
    return decode(ByteBuffer.wrap(stream.readMessage(MAX_RESPONSE_BYTES)), Optional.empty());
  }

  /**
   * @param room as of {@link #room}; the data of a chunk lie in it, until the next is read
   */
  public static Response read(Stream stream, BlobHead head, byte[] room) throws IOException {
    return decode(stream.readMessage(room), Optional.of(head));
  }

  /** Where the longest response about a blob fits. */
  public static byte[] room(BlobHead head) {
    long most = Math.min(head.sizeBytes(), BlobHead.CHUNK_BYTES);
    return new byte[MAX_RESPONSE_BYTES - BlobHead.CHUNK_BYTES + (int) most];
  }

  /** Decodes exactly the remaining bytes of {@code message}; the data of a chunk stay in it. */
  static Response decode(ByteBuffer message, Optional<BlobHead> head) throws MalformedException {
    try {
      CodedInputStream bytes = UnsafeByteOperations.unsafeWrap(message).newCodedInput();
      bytes.enableAliasing(true);
      BlobProto.Response in = BlobProto.Response.parseFrom(bytes);
      return switch (in.getKindCase()) {
        case HEAD -> decode(in.getHead());
        case HAVE -> {
          BlobHead known =
              head.orElseThrow(() -> new IllegalArgumentException("a bitmap before the head"));
          yield new Response.Have(decode(known.chunks(), in.getHave()));
        }
        case CHUNK -> decode(in.getChunk());
        case REFUSAL ->
            new Response.Refusal(decode(in.getRefusal().getReason()), in.getRefusal().getIndex());
        case KIND_NOT_SET -> throw new MalformedException("a response of no known kind");
      };
    } catch (MalformedException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new MalformedException("bad response: " + e.getMessage(), e);
    }
  }

  private static Response decode(BlobProto.Response.Head in) {
    BlobHead head = new BlobHead(in.getSizeBytes(), Multihash.ofSha256(in.getRoot().toByteArray()));
    return new Response.Opened(head, decode(head.chunks(), in.getHave()));
  }

  private static Response.Chunk decode(BlobProto.Response.Chunk in) {
    ByteBuffer data = BytesInPlace.of(in.getData());
    ProvenChunk chunk =
        new ProvenChunk(in.getIndex(), data, MerkleProof.ofBytes(in.getProof().toByteArray()));
    return switch (in.getEncoding()) {
      case PLAIN -> Response.Chunk.plain(chunk);
      case PLANES -> new Response.Chunk(chunk, true);
      case UNRECOGNIZED -> throw new IllegalArgumentException("a chunk in an unknown encoding");
    };
  }

  private static BlobProto.Encoding encoding(Response.Chunk chunk) {
    return chunk.planes() ? BlobProto.Encoding.PLANES : BlobProto.Encoding.PLAIN;
  }

  private static BlobProto.Response.Have encode(ChunkSet have) {
    BlobProto.Response.Have.Builder out = BlobProto.Response.Have.newBuilder();
    return have.isComplete()
        ? out.setAll(true).build()
        : out.setBitmap(ByteString.copyFrom(have.bytes())).build();
  }

  private static ChunkSet decode(int chunks, BlobProto.Response.Have in) {
    if (in.getAll() && !in.getBitmap().isEmpty()) {
      throw new IllegalArgumentException("all chunks and a bitmap too");
    }
    return in.getAll()
        ? ChunkSet.all(chunks)
        : ChunkSet.ofBytes(chunks, in.getBitmap().toByteArray());
  }

  private static BlobProto.Response.Refusal.Reason encode(Response.Why why) {
    return switch (why) {
      case NOT_FOUND -> BlobProto.Response.Refusal.Reason.NOT_FOUND;
      case BUSY -> BlobProto.Response.Refusal.Reason.BUSY;
      case GONE -> BlobProto.Response.Refusal.Reason.GONE;
      case BAD_REQUEST -> BlobProto.Response.Refusal.Reason.BAD_REQUEST;
    };
  }

  private static Response.Why decode(BlobProto.Response.Refusal.Reason reason) {
    return switch (reason) {
      case NOT_FOUND -> Response.Why.NOT_FOUND;
      case BUSY -> Response.Why.BUSY;
      case GONE -> Response.Why.GONE;
      case BAD_REQUEST -> Response.Why.BAD_REQUEST;
      case UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("a refusal without a known reason");
    };
  }
}
