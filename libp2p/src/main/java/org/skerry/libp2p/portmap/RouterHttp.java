package org.skerry.libp2p.portmap;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.skerry.libp2p.portmap.RouterException.Kind;

/**
 * HTTP with a device nearby: straight to it, no redirects, a bound on each answer's size and time.
 */
final class RouterHttp implements AutoCloseable {
  static final int MAX_BYTES = 64 << 10;

  private final Duration limit;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .proxy(HttpClient.Builder.NO_PROXY)
          .executor(Executors.newVirtualThreadPerTaskExecutor())
          .build();

  /**
   * @param limit for an answer, to its last byte
   */
  RouterHttp(Duration limit) {
    this.limit = limit;
  }

  /** An answer of any status. */
  record Answer(int status, byte[] body) {}

  Answer get(URI uri) throws RouterException {
    return send(HttpRequest.newBuilder(uri).GET().build());
  }

  Answer call(URI uri, String action, byte[] body) throws RouterException {
    return send(
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "text/xml; charset=\"utf-8\"")
            .header("SOAPAction", action)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build());
  }

  private Answer send(HttpRequest request) throws RouterException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
    try {
      HttpResponse<byte[]> got = answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return new Answer(got.statusCode(), got.body());
    } catch (ExecutionException e) {
      String why =
          e.getCause() instanceof IOException io
              ? ": " + Xml.shown(String.valueOf(io.getMessage()))
              : "";
      throw new RouterException(Kind.SILENT, "it does not answer" + why, e);
    } catch (TimeoutException e) {
      throw new RouterException(
          Kind.SILENT, "it does not answer within " + limit.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RouterException(Kind.SILENT, "nobody waited for its answer", e);
    } finally {
      answer.cancel(true);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
