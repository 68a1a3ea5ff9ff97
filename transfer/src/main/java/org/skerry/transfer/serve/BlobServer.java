package org.skerry.transfer.serve;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.ProvenChunk;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.TransferLedger.Rejection;
import org.skerry.transfer.compress.PlaneCodec;
import org.skerry.transfer.limit.UploadQueue;
import org.skerry.transfer.wire.BlobWire;
import org.skerry.transfer.wire.Request;
import org.skerry.transfer.wire.Response;
import org.skerry.transfer.wire.Response.Why;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves what a {@link ChunkSource.Finder} finds. One request is read after the last was answered,
 * so a peer that asks much and reads little fills its own window and nothing else. Thread-safe.
 */
public final class BlobServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BlobServer.class);

  /** Who may have what. Thread-safe. */
  @FunctionalInterface
  public interface Permission {
    Permission EVERYBODY = (peer, blob) -> true;

    /** Whether {@code peer}, whose identity is proven, may have {@code blob}. */
    boolean allows(PeerId peer, BlobId blob);
  }

  private final Host host;
  private final String protocol;
  private final Permission permission;
  private final ChunkSource.Finder sources;
  private final TransferLedger ledger;
  private final UploadLimits limits;
  private final UploadQueue queue;
  private final UploadSlots slots;
  private final CopiesGiven copies = new CopiesGiven();
  private final Semaphore encoders =
      new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
  private final AtomicLong busyAnswers = new AtomicLong();

  /** Serves everybody under {@link BlobWire#PROTOCOL}. */
  public BlobServer(
      Host host,
      ChunkSource.Finder sources,
      TransferLedger ledger,
      UploadLimits limits,
      UploadQueue queue) {
    this(host, BlobWire.PROTOCOL, Permission.EVERYBODY, sources, ledger, limits, queue);
  }

  /**
   * @param protocol the blob protocol's messages are spoken under this name
   * @param permission to whom it refuses, a blob is not there
   * @param queue that all chunks of this node wait in
   */
  public BlobServer(
      Host host,
      String protocol,
      Permission permission,
      ChunkSource.Finder sources,
      TransferLedger ledger,
      UploadLimits limits,
      UploadQueue queue) {
    this.host = host;
    this.protocol = protocol;
    this.permission = permission;
    this.sources = sources;
    this.ledger = ledger;
    this.limits = limits;
    this.queue = queue;
    this.slots = new UploadSlots(limits, queue);
  }

  /** Serves from now on. */
  public void start() {
    host.handle(protocol, this::serve);
  }

  /** Streams being served now. */
  public int uploads() {
    return slots.taken();
  }

  /** How often somebody was sent away because all places were taken. */
  public long busyAnswers() {
    return busyAnswers.get();
  }

  @Override
  public void close() {
    host.unhandle(protocol);
  }

  private void serve(Stream stream) throws IOException {
    stream.timeout(limits.idle());
    boolean kept;
    try {
      // Read even when the answer will be no: closing over unread bytes would reset it away.
      kept =
          BlobWire.readRequest(stream) instanceof Request.Open open && serve(stream, open.blob());
    } catch (BlobWire.MalformedException e) {
      log.debug("peer {}: {}", stream.remotePeer().shortText(), e.getMessage());
      kept = false;
    }
    if (!kept) {
      refuse(stream);
    }
  }

  private void refuse(Stream stream) throws IOException {
    ledger.refuse(stream.remotePeer(), Rejection.MALFORMED_MESSAGE);
    BlobWire.write(stream, new Response.Refusal(Why.BAD_REQUEST, 0));
  }

  /**
   * Every place is given back before the answer that ends a stream is written: who reads that
   * answer and comes again finds the place free.
   *
   * @return whether the peer kept the rules
   */
  private boolean serve(Stream stream, BlobId blob) throws IOException {
    Optional<ChunkSource> found =
        permission.allows(stream.remotePeer(), blob) ? find(blob) : Optional.empty();
    if (found.isEmpty()) {
      BlobWire.write(stream, new Response.Refusal(Why.NOT_FOUND, 0));
      return true;
    }
    try (Upload upload = new Upload(stream, blob, found.get())) {
      PeerId peer = stream.remotePeer();
      if (!queue.isShut() && slots.take(peer)) {
        try {
          return upload.run();
        } finally {
          if (!upload.sentAway) {
            slots.give(peer);
          }
        }
      }
    }
    busyAnswers.incrementAndGet();
    BlobWire.write(stream, new Response.Refusal(Why.BUSY, 0));
    return true;
  }

  private Optional<ChunkSource> find(BlobId blob) throws IOException {
    try {
      return sources.find(blob);
    } catch (IOException e) {
      log.warn("blob {} cannot be served: {}", blob, e.getMessage());
      return Optional.empty();
    }
  }

  /** One stream's service. */
  private final class Upload implements AutoCloseable {
    private final Stream stream;
    private final BlobId blob;
    private final ByteBuffer room;
    private ChunkSource source;
    private boolean sentAway;

    Upload(Stream stream, BlobId blob, ChunkSource source) {
      this.stream = stream;
      this.blob = blob;
      this.source = source;
      long most = Math.min(source.head().sizeBytes(), BlobHead.CHUNK_BYTES);
      this.room = PlaneCodec.room((int) most);
    }

    /** Answers until the peer leaves (true) or breaks the rules (false). */
    boolean run() throws IOException {
      BlobWire.write(stream, new Response.Opened(source.head(), source.have()));
      while (true) {
        byte[] message;
        try {
          message = stream.readMessage(BlobWire.MAX_REQUEST_BYTES);
        } catch (IOException e) {
          log.debug("upload to {} ends: {}", stream.remotePeer().shortText(), e.getMessage());
          return true;
        }
        switch (BlobWire.decodeRequest(message)) {
          case Request.Want want -> {
            if (!serve(want)) {
              return false;
            }
          }
          case Request.Refresh ignored -> {
            reopen();
            BlobWire.write(stream, new Response.Have(source.have()));
          }
          case Request.Open ignored -> {
            return false;
          }
        }
      }
    }

    private boolean serve(Request.Want want) throws IOException {
      int last = Math.min(want.first() + want.count(), source.head().chunks());
      if (want.first() >= last) {
        return false;
      }
      for (int index = want.first(); index < last; index++) {
        Optional<ProvenChunk> chunk = source.chunk(index);
        if (chunk.isEmpty()) {
          reopen();
          chunk = source.chunk(index);
        }
        if (chunk.isPresent()) {
          Response.Chunk answer = answer(want, chunk.get());
          int size = answer.wireBytes();
          awaitTurn(size);
          BlobWire.write(stream, answer);
          ledger.countUp(stream.remotePeer(), size);
          copies.gave(blob, chunk.get().data().remaining());
        } else {
          BlobWire.write(stream, new Response.Refusal(Why.GONE, index));
        }
      }
      return true;
    }

    private void awaitTurn(int bytes) throws IOException {
      sentAway = slots.takeBack(stream.remotePeer());
      if (sentAway) {
        throw new IOException("the upload rate fell, and feeds fewer streams");
      }
      try {
        boolean scarce = copies.isScarce(blob, source.head().sizeBytes());
        if (!queue.await(stream.remotePeer(), bytes, scarce)) {
          throw new IOException("nothing goes out now, by the owner's limits");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while waiting to send");
      }
    }

    /** As planes only while the work leaves cores to the node's own. */
    private Response.Chunk answer(Request.Want want, ProvenChunk chunk) {
      if (!want.planes() || !encoders.tryAcquire()) {
        return Response.Chunk.plain(chunk);
      }
      try {
        return Response.Chunk.planes(chunk, room);
      } finally {
        encoders.release();
      }
    }

    /** A partial blob may be whole by now, and then stands elsewhere. */
    private void reopen() throws IOException {
      Optional<ChunkSource> again = find(blob);
      if (again.isPresent()) {
        source.close();
        source = again.get();
      }
    }

    @Override
    public void close() {
      source.close();
    }
  }
}
