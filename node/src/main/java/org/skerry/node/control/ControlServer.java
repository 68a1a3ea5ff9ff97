package org.skerry.node.control;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.DiskTrouble;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Serves a {@link NodeControl} as JSON over HTTP, on loopback only. A caller shows the token of the
 * control file; a request with a foreign {@code Host} or any foreign {@code Origin} is refused, so
 * that a web page in the owner's browser cannot reach it by rebinding a name.
 */
public final class ControlServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
  private static final int MAX_REQUEST_BYTES = 64 << 10;
  private static final long MAX_SECONDS = Duration.ofDays(365).toSeconds();
  private static final Set<String> LOCAL_NAMES = Set.of("127.0.0.1", "localhost", "[::1]");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final NodeControl control;
  private final Path file;
  private final byte[] bearer;
  private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
  private final BlobPages blobs;
  private final Server server;

  private ControlServer(NodeControl control, Path file, int port, String token) {
    this.control = control;
    this.file = file;
    this.bearer = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
    this.blobs = new BlobPages(control.blobs(), handlers);
    this.server =
        Server.builder()
            .http(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .maxRequestLength(MAX_REQUEST_BYTES)
            .requestTimeoutMillis(120_000)
            .service("prefix:/v1/", this::serve)
            .build();
  }

  /**
   * Starts serving and writes the control file.
   *
   * @param port 0 for any free one
   */
  public static ControlServer start(NodeControl control, Path file, int port, SecureRandom random)
      throws NodeException {
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    String token = HexFormat.of().formatHex(secret);
    ControlServer server = new ControlServer(control, file, port, token);
    try {
      server.server.start().join();
    } catch (CompletionException e) {
      server.close();
      throw new NodeException(
          Reason.PORT_IN_USE,
          "the control port " + port + " cannot be used",
          "set [control] port to another one in config.toml, or to 0 for any",
          e);
    }
    try {
      new ControlFile(server.port(), token, ProcessHandle.current().pid()).write(file);
    } catch (IOException e) {
      server.close();
      throw DiskTrouble.cannotWrite(file, e);
    }
    return server;
  }

  public int port() {
    return server.activeLocalPort();
  }

  private HttpResponse serve(
      ServiceRequestContext context, com.linecorp.armeria.common.HttpRequest request) {
    if (request.path().startsWith(BlobPages.PREFIX)) {
      context.clearRequestTimeout(); // Gigabytes take their time.
    }
    return HttpResponse.of(
        request
            .aggregate()
            .thenApplyAsync(
                whole -> {
                  try {
                    return answer(whole);
                  } catch (NodeException e) {
                    HttpStatus status =
                        e.reason() == Reason.NOT_FOUND ? HttpStatus.NOT_FOUND : HttpStatus.CONFLICT;
                    return failure(status, e.reason(), e.line());
                  } catch (RuntimeException e) {
                    LOG.error("{} {} failed", whole.method(), whole.path(), e);
                    return failure(
                        HttpStatus.INTERNAL_SERVER_ERROR,
                        Reason.FAILED,
                        "the daemon failed to answer; read its log");
                  }
                },
                handlers));
  }

  private HttpResponse answer(AggregatedHttpRequest request) throws NodeException {
    if (!isLocal(request)) {
      return failure(HttpStatus.FORBIDDEN, Reason.FAILED, "not from this machine; use the CLI");
    }
    @Nullable String shown = request.headers().get(HttpHeaderNames.AUTHORIZATION);
    if (shown == null || !MessageDigest.isEqual(shown.getBytes(StandardCharsets.UTF_8), bearer)) {
      return failure(
          HttpStatus.UNAUTHORIZED, Reason.FAILED, "wrong token; read it from control.json");
    }
    if (request.path().startsWith(BlobPages.PREFIX)
        && (request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD)) {
      return blobs.answer(request);
    }
    String route = request.method() + " " + request.path();
    return switch (route) {
      case "GET /v1/status" -> ok(control.status());
      case "GET /v1/peers" -> ok(control.peers());
      case "GET /v1/tasks" -> ok(control.tasks());
      case "POST /v1/pause" -> ok(control.pause(seconds(request)));
      case "POST /v1/resume" -> ok(control.resume());
      case "POST /v1/finish" -> ok(control.finish(seconds(request)));
      case "POST /v1/publish" -> ok(control.publish(Path.of(field(request, "folder"))));
      case "POST /v1/withdraw" -> {
        control.withdraw(field(request, "task"));
        yield ok(Map.of());
      }
      case "POST /v1/keys" -> {
        control.announceKeys();
        yield ok(Map.of());
      }
      case "POST /v1/stop" -> {
        control.stop();
        yield ok(Map.of());
      }
      default -> failure(HttpStatus.NOT_FOUND, Reason.NOT_FOUND, "no such call: " + route);
    };
  }

  private static boolean isLocal(AggregatedHttpRequest request) {
    @Nullable String origin = request.headers().get(HttpHeaderNames.ORIGIN);
    if (origin != null) {
      try {
        @Nullable String host = URI.create(origin).getHost();
        if (host == null || !LOCAL_NAMES.contains(host)) {
          return false;
        }
      } catch (IllegalArgumentException e) {
        return false;
      }
    }
    String host = Objects.requireNonNullElse(request.authority(), "");
    return LOCAL_NAMES.contains(host.replaceFirst(":\\d+$", ""));
  }

  private static String field(AggregatedHttpRequest request, String name) throws NodeException {
    try {
      @Nullable JsonNode value = JSON.readTree(request.content().array()).get(name);
      if (value != null && value.isString()) {
        return value.asString();
      }
    } catch (JacksonException e) {
      LOG.debug("body is no JSON", e);
    }
    throw new NodeException(Reason.USAGE, "the request has no \"" + name + "\"", "send it as JSON");
  }

  /** How long the caller wants something; empty when he does not say. */
  private static Optional<Duration> seconds(AggregatedHttpRequest request) throws NodeException {
    try {
      @Nullable JsonNode value = JSON.readTree(request.content().array()).get("seconds");
      if (value == null) {
        return Optional.empty();
      }
      if (value.isIntegralNumber() && value.asLong() > 0 && value.asLong() <= MAX_SECONDS) {
        return Optional.of(Duration.ofSeconds(value.asLong()));
      }
    } catch (JacksonException e) {
      LOG.debug("body is no JSON", e);
    }
    throw new NodeException(
        Reason.USAGE, "\"seconds\" is no number of seconds", "send 1 to " + MAX_SECONDS);
  }

  private static HttpResponse ok(Object value) {
    return json(HttpStatus.OK, value);
  }

  private static HttpResponse failure(HttpStatus status, Reason reason, String message) {
    return json(status, Map.of("reason", reason.name(), "error", message));
  }

  private static HttpResponse json(HttpStatus status, Object value) {
    return HttpResponse.of(
        ResponseHeaders.of(
            status,
            HttpHeaderNames.CONTENT_TYPE,
            MediaType.JSON_UTF_8,
            HttpHeaderNames.CACHE_CONTROL,
            "no-store"),
        HttpData.wrap(JSON.writeValueAsBytes(value)),
        HttpHeaders.of());
  }

  @Override
  public void close() {
    server.stop().join();
    handlers.close();
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("stale control file {} stays", file, e);
    }
  }
}
