package org.skerry.transfer.web;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.ClientFactoryBuilder;
import com.linecorp.armeria.client.Endpoint;
import com.linecorp.armeria.client.UnprocessedRequestException;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.client.proxy.ProxyConfig;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.RequestHeadersBuilder;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.SplitHttpResponse;
import com.linecorp.armeria.common.util.EventLoopGroups;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.skerry.transfer.WebSeed;
import org.skerry.transfer.web.WebException.Reason;

/**
 * Reads from URLs that strangers named. A name is looked up here, every address that it has must be
 * one that {@link WebRules} allow, and the connection is made to just that address: so a name that
 * means something else a moment later leads nowhere, and neither does a redirect, which is followed
 * here under the same rules. No cookies, credentials or proxies. Thread-safe.
 */
public final class WebReader implements AutoCloseable {
  /** Requests to one host at once, of all who read here. */
  public static final int MAX_REQUESTS_PER_HOST = 4;

  private static final int MAX_REDIRECTS = 5;
  private static final int MAX_ADDRESSES = 3;
  private static final int MAX_HEADER_BYTES = 32 * 1024;
  private static final Duration IDLE_CONNECTION = Duration.ofSeconds(10);

  private final WebRules rules;
  private final HostGates gates = new HostGates(MAX_REQUESTS_PER_HOST);
  // Guarded by this; made when it is first needed, which for many nodes is never.
  private Optional<Clients> clients = Optional.empty();
  private boolean closed;

  public WebReader(WebRules rules) {
    this.rules = rules;
  }

  /**
   * Opens the whole of what lies at {@code url}. Blocks.
   *
   * @throws WebException when it says that it has more than {@code maxBytes} (MALFORMED), and for
   *     every other reason
   */
  public WebBody open(URI url, int maxBytes) throws WebException, InterruptedException {
    return checked(follow(url, null, rules.limit(maxBytes)), body -> body.requireWhole(maxBytes));
  }

  /**
   * Opens {@code size} bytes from {@code offset} on, of {@code total} bytes that lie at {@code
   * url}. Blocks.
   */
  public WebBody open(URI url, long offset, long size, long total)
      throws WebException, InterruptedException {
    return checked(
        follow(url, "bytes=" + offset + "-" + (offset + size - 1), rules.limit(size)),
        body -> body.requireRange(offset, size, total));
  }

  private interface Check {
    void of(WebBody body) throws WebException;
  }

  private static WebBody checked(WebBody body, Check check) throws WebException {
    try {
      check.of(body);
      return body;
    } catch (WebException e) {
      body.close();
      throw e;
    }
  }

  private WebBody follow(URI url, @Nullable String range, Duration limit)
      throws WebException, InterruptedException {
    URI at = url;
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      WebBody body = checked(ask(at, range, limit), WebBody::requireSuccess);
      Optional<URI> next = body.redirect();
      if (next.isEmpty()) {
        return body;
      }
      body.close();
      at = next.get();
    }
    throw new WebException(
        Reason.MALFORMED, url + " leads on and on, more than " + MAX_REDIRECTS + " times");
  }

  private WebBody ask(URI url, @Nullable String range, Duration limit)
      throws WebException, InterruptedException {
    try {
      WebSeed.requireFetchable(url);
    } catch (IllegalArgumentException e) {
      throw new WebException(Reason.FORBIDDEN, String.valueOf(e.getMessage()), e);
    }
    String host = url.getHost().toLowerCase(Locale.ROOT);
    gates.enter(host);
    boolean opened = false;
    try {
      List<InetAddress> addresses = addresses(host);
      for (int i = 0; ; i++) {
        try {
          WebBody body = ask(url, host, addresses.get(i), range, limit);
          opened = true;
          return body;
        } catch (Unconnected e) {
          if (i + 1 >= Math.min(MAX_ADDRESSES, addresses.size())) {
            throw new WebException(Reason.LOST, url + " cannot be reached: " + e.getCause(), e);
          }
        }
      }
    } finally {
      if (!opened) {
        gates.leave(host);
      }
    }
  }

  /** No connection stands, so that another address may be tried. */
  private static final class Unconnected extends Exception {
    private static final long serialVersionUID = 1L;

    private Unconnected(Throwable cause) {
      super(cause);
    }
  }

  private WebBody ask(
      URI url, String host, InetAddress address, @Nullable String range, Duration limit)
      throws WebException, InterruptedException, Unconnected {
    Endpoint server =
        Endpoint.of(withoutBrackets(host), url.getPort() < 0 ? 443 : url.getPort())
            .withInetAddress(address);
    WebClient client =
        WebClient.builder(SessionProtocol.HTTPS, server)
            .factory(clients())
            .writeTimeout(rules.answerLimit())
            .responseTimeout(limit)
            .maxResponseLength(0) // The reader takes what it asked for, and no more.
            .build();
    HttpResponse response = client.execute(HttpRequest.of(headers(url, range)));
    SplitHttpResponse split = response.split();
    try {
      ResponseHeaders headers =
          split.headers().get(rules.answerLimit().toMillis(), TimeUnit.MILLISECONDS);
      return new WebBody(url, headers, split.body(), () -> gates.leave(host));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnprocessedRequestException unprocessed) {
        throw new Unconnected(unprocessed);
      }
      throw new WebException(Reason.LOST, url + " failed: " + e.getCause(), e);
    } catch (TimeoutException e) {
      response.abort();
      throw new WebException(
          Reason.LOST, url + " did not answer within " + rules.answerLimit().toSeconds() + " s", e);
    } catch (InterruptedException e) {
      response.abort();
      throw e;
    }
  }

  private static RequestHeaders headers(URI url, @Nullable String range) {
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String target = url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    RequestHeadersBuilder headers =
        RequestHeaders.builder(HttpMethod.GET, target)
            .add(HttpHeaderNames.USER_AGENT, "skerry")
            .add(HttpHeaderNames.ACCEPT_ENCODING, "identity");
    if (range != null) {
      headers.add(HttpHeaderNames.RANGE, range);
    }
    return headers.build();
  }

  /** All addresses of a host, every one of which may be connected to. */
  private List<InetAddress> addresses(String host) throws WebException, InterruptedException {
    FutureTask<List<InetAddress>> lookup =
        new FutureTask<>(() -> rules.names().of(withoutBrackets(host)));
    Thread.ofVirtual().name("web-name").start(lookup);
    List<InetAddress> addresses;
    try {
      addresses = lookup.get(rules.connectLimit().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new WebException(Reason.LOST, "the name " + host + " does not resolve", e);
    }
    for (InetAddress address : addresses) {
      if (!rules.mayReach().test(address)) {
        throw new WebException(
            Reason.FORBIDDEN,
            host + " has the address " + address.getHostAddress() + ", which is not public");
      }
    }
    if (addresses.isEmpty()) {
      throw new WebException(Reason.LOST, "the name " + host + " has no address");
    }
    return addresses;
  }

  private static String withoutBrackets(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private synchronized ClientFactory clients() throws WebException {
    if (closed) {
      throw new WebException(Reason.LOST, "closing");
    }
    if (clients.isEmpty()) {
      clients = Optional.of(open());
    }
    return clients.get().factory();
  }

  private Clients open() {
    EventLoopGroup threads = EventLoopGroups.newEventLoopGroup(1, "web-seeds", true);
    ClientFactoryBuilder builder =
        ClientFactory.builder()
            .workerGroup(threads, false)
            .connectTimeout(rules.connectLimit())
            .idleTimeout(IDLE_CONNECTION)
            .http1MaxHeaderSize(MAX_HEADER_BYTES)
            .http2MaxHeaderListSize(MAX_HEADER_BYTES)
            .proxyConfig(ProxyConfig.direct());
    if (!rules.trusted().isEmpty()) {
      builder.tlsCustomizer(tls -> tls.trustManager(rules.trusted()));
    }
    return new Clients(builder.build(), threads);
  }

  private record Clients(ClientFactory factory, EventLoopGroup threads) {
    /** A factory's own threads would linger for two seconds, and a command with them. */
    void close() {
      factory.close();
      threads.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
  }

  @Override
  public void close() {
    Optional<Clients> open;
    synchronized (this) {
      closed = true;
      open = clients;
    }
    open.ifPresent(Clients::close);
  }
}
