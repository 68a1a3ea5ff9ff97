package org.skerry.node.control;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.ProvenChunk;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whole blobs of this computer over HTTP, by their ids, for scripts and caches: {@code GET} and
 * {@code HEAD}, one range of bytes (RFC 9110, section 14), and {@code ETag}s that never change.
 * Every chunk is verified before a byte of it is sent; a blob that turns out to be damaged ends the
 * response early, so that its length is not reached.
 */
final class BlobPages {
  static final String PREFIX = "/v1/blobs/";

  private static final Logger LOG = LoggerFactory.getLogger(BlobPages.class);
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

  private final ChunkSource.Finder blobs;
  private final ExecutorService senders;

  /**
   * @param senders on which responses are written, each for as long as it takes
   */
  BlobPages(ChunkSource.Finder blobs, ExecutorService senders) {
    this.blobs = blobs;
    this.senders = senders;
  }

  /** Bytes {@code from} to before {@code to}. */
  private record Range(long from, long to) {}

  HttpResponse answer(AggregatedHttpRequest request) throws NodeException {
    BlobId id = id(request.path().substring(PREFIX.length()));
    ChunkSource source = open(id);
    try {
      HttpResponse response = answer(request, id, source);
      source = null;
      return response;
    } finally {
      if (source != null) {
        source.close();
      }
    }
  }

  /** Closes {@code source}, at once or when all was sent. */
  private HttpResponse answer(AggregatedHttpRequest request, BlobId id, ChunkSource source) {
    long size = source.head().sizeBytes();
    String tag = '"' + id.toString() + '"';
    @Nullable String asked = request.headers().get(HttpHeaderNames.RANGE);
    @Nullable String onlyIf = request.headers().get(HttpHeaderNames.IF_RANGE);
    Optional<Range> part =
        asked == null || (onlyIf != null && !onlyIf.equals(tag))
            ? Optional.of(new Range(0, size))
            : range(asked, size);
    boolean cached = tag.equals(request.headers().get(HttpHeaderNames.IF_NONE_MATCH));
    HttpStatus status =
        cached
            ? HttpStatus.NOT_MODIFIED
            : part.isEmpty()
                ? HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE
                : part.get().equals(new Range(0, size))
                    ? HttpStatus.OK
                    : HttpStatus.PARTIAL_CONTENT;
    ResponseHeadersBuilder headers =
        ResponseHeaders.builder(status)
            .add(HttpHeaderNames.ETAG, tag)
            .add(HttpHeaderNames.ACCEPT_RANGES, "bytes")
            .add(HttpHeaderNames.CACHE_CONTROL, "private, max-age=31536000, immutable");
    if (cached || part.isEmpty()) {
      if (part.isEmpty()) {
        headers.add(HttpHeaderNames.CONTENT_RANGE, "bytes */" + size);
      }
      source.close();
      return HttpResponse.of(headers.build());
    }
    Range range = part.get();
    headers.contentType(MediaType.OCTET_STREAM).contentLength(range.to() - range.from());
    if (status.equals(HttpStatus.PARTIAL_CONTENT)) {
      headers.add(
          HttpHeaderNames.CONTENT_RANGE,
          "bytes " + range.from() + "-" + (range.to() - 1) + "/" + size);
    }
    if (request.method() == HttpMethod.HEAD) {
      source.close();
      return HttpResponse.of(headers.build());
    }
    HttpResponseWriter out = HttpResponse.streaming();
    out.write(headers.build());
    senders.execute(() -> send(source, range, out));
    return out;
  }

  private static BlobId id(String text) throws NodeException {
    try {
      return BlobId.parse(text);
    } catch (MultiformatException e) {
      throw new NodeException(
          Reason.USAGE, "'" + text + "' is no blob's id", "write the CID that a manifest names", e);
    }
  }

  private ChunkSource open(BlobId id) throws NodeException {
    try {
      Optional<ChunkSource> found = blobs.find(id);
      if (found.isPresent() && found.get().have().isComplete()) {
        return found.get();
      }
      found.ifPresent(ChunkSource::close);
    } catch (IOException e) {
      LOG.warn("blob {} cannot be read: {}", id, e.getMessage());
    }
    throw new NodeException(
        Reason.NOT_FOUND, "blob " + id + " is not here, or not whole", "fetch it first");
  }

  /** Empty when nothing of the blob is in it. What is not understood asks for the whole. */
  private static Optional<Range> range(String header, long size) {
    Matcher matcher = RANGE.matcher(header);
    if (!matcher.matches() || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
      return Optional.of(new Range(0, size));
    }
    if (matcher.group(1).isEmpty()) {
      long last = Math.min(size, Long.parseLong(matcher.group(2)));
      return last == 0 ? Optional.empty() : Optional.of(new Range(size - last, size));
    }
    long from = Long.parseLong(matcher.group(1));
    long to =
        matcher.group(2).isEmpty() ? size : Math.min(size, Long.parseLong(matcher.group(2)) + 1);
    return from >= to ? Optional.empty() : Optional.of(new Range(from, to));
  }

  private static void send(ChunkSource source, Range range, HttpResponseWriter out) {
    try (source) {
      for (long at = range.from(); at < range.to() && out.isOpen(); ) {
        int index = (int) (at / BlobHead.CHUNK_BYTES);
        Optional<ProvenChunk> chunk = source.chunk(index);
        if (chunk.isEmpty()) {
          throw new IOException("chunk " + index + " is damaged; it is being fetched again");
        }
        ByteBuffer data = chunk.get().data();
        data.position((int) (at - source.head().offset(index)));
        int size = (int) Math.min(data.remaining(), range.to() - at);
        byte[] bytes = new byte[size];
        data.get(bytes);
        out.write(HttpData.wrap(bytes));
        at += size;
        out.whenConsumed().join(); // No more than a chunk waits in memory.
      }
      out.close();
    } catch (IOException | CompletionException e) {
      LOG.info("a blob is not sent to its end: {}", e.getMessage());
      out.close(e);
    }
  }
}
