package org.skerry.transfer.web;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.HttpStatusClass;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.stream.StreamMessage;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.skerry.transfer.web.WebException.Reason;

/** An answer whose body comes as it is read. One thread reads, any may close. */
public final class WebBody implements AutoCloseable {
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");
  private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(10);

  private final URI url;
  private final ResponseHeaders headers;
  private final StreamMessage<HttpData> body;
  private final InputStream in;
  private final Runnable onClose;
  private final AtomicLong heardBytes = new AtomicLong();
  private final AtomicBoolean closed = new AtomicBoolean();
  private boolean goesOn;

  WebBody(URI url, ResponseHeaders headers, StreamMessage<HttpData> body, Runnable onClose) {
    this.url = url;
    this.headers = headers;
    this.body = body;
    this.in = body.toInputStream(Function.identity());
    this.onClose = onClose;
  }

  /** Checks that the answer is what was asked for, or says where that lies instead. */
  void requireSuccess() throws WebException {
    HttpStatus status = headers.status();
    switch (status.code()) {
      case 200, 206 -> {}
      case 301, 302, 303, 307, 308 -> {
        if (redirect().isEmpty()) {
          throw malformed("leads nowhere");
        }
      }
      // A bucket that may not be listed says 403 of what it does not have.
      case 403, 404, 410 -> throw new WebException(Reason.NOT_FOUND, url + ": " + status);
      case 416 -> throw malformed("is shorter than the blob");
      case 429, 503 -> throw new WebException(url + ": " + status, retryAfter(Instant.now()));
      default -> throw new WebException(Reason.LOST, url + ": " + status);
    }
    if (!"identity".equals(headers.get(HttpHeaderNames.CONTENT_ENCODING, "identity"))) {
      throw malformed("is encoded, which was not asked for");
    }
  }

  /** Where a redirect leads to. */
  Optional<URI> redirect() {
    if (headers.status().codeClass() != HttpStatusClass.REDIRECTION) {
      return Optional.empty();
    }
    try {
      return Optional.of(url.resolve(headers.get(HttpHeaderNames.LOCATION, "")));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private Duration retryAfter(Instant now) {
    String text = headers.get(HttpHeaderNames.RETRY_AFTER, "");
    Duration wait = Duration.ZERO;
    if (SECONDS.matcher(text).matches()) {
      wait = Duration.ofSeconds(Long.parseLong(text));
    } else {
      try {
        Instant until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        wait = until.isAfter(now) ? Duration.between(now, until) : wait;
      } catch (DateTimeException e) {
        // It did not say when.
      }
    }
    return wait.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : wait;
  }

  void requireWhole(int maxBytes) throws WebException {
    if (headers.status().code() != 200) {
      throw malformed("is a part, which was not asked for");
    }
    if (headers.contentLength() > maxBytes) {
      throw malformed("has " + headers.contentLength() + " bytes, and may have " + maxBytes);
    }
  }

  void requireRange(long offset, long size, long total) throws WebException {
    if (headers.status().code() == 200) {
      // A server that knows no ranges sends the whole, which begins with what was asked for.
      if (offset != 0 || (headers.contentLength() >= 0 && headers.contentLength() != total)) {
        throw malformed("is not the part that was asked for");
      }
      goesOn = size < total;
      return;
    }
    Matcher range = CONTENT_RANGE.matcher(headers.get(HttpHeaderNames.CONTENT_RANGE, ""));
    if (!range.matches()
        || Long.parseLong(range.group(1)) != offset
        || Long.parseLong(range.group(2)) != offset + size - 1
        || !(range.group(3).equals("*") || Long.parseLong(range.group(3)) == total)) {
      throw malformed("is not the part that was asked for");
    }
  }

  /**
   * The next {@code size} bytes. Blocks.
   *
   * @throws WebException LOST when they do not come
   */
  public byte[] read(int size) throws WebException {
    byte[] bytes = new byte[size];
    try {
      for (int at = 0; at < size; ) {
        int more = in.read(bytes, at, size - at);
        if (more < 0) {
          throw new WebException(Reason.LOST, url + " ended early");
        }
        at += more;
        heardBytes.addAndGet(more);
      }
    } catch (WebException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw brokenOff(e);
    }
    return bytes;
  }

  /** The bytes that {@link #read} got since this was last asked, while it waits, too. */
  public long takeHeardBytes() {
    return heardBytes.getAndSet(0);
  }

  /** Notes that all was read. */
  public void requireEnd() throws WebException {
    if (!goesOn && readAtMost(1).length > 0) {
      throw malformed("goes on behind its end");
    }
  }

  /** All that follows, at most {@code maxBytes}. Blocks. */
  public byte[] readAll(int maxBytes) throws WebException {
    byte[] bytes = readAtMost(maxBytes);
    requireEnd();
    return bytes;
  }

  private byte[] readAtMost(int size) throws WebException {
    try {
      return in.readNBytes(size);
    } catch (IOException | RuntimeException e) {
      throw brokenOff(e);
    }
  }

  private WebException brokenOff(Exception e) {
    return new WebException(Reason.LOST, url + " broke off: " + e, e);
  }

  private WebException malformed(String what) {
    return new WebException(Reason.MALFORMED, "the answer to " + url + " " + what);
  }

  /** Ends the request, also while another thread reads. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      body.abort();
      onClose.run();
    }
  }
}
