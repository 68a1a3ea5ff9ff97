package org.skerry.node.serve;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.Route;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.serve.CallException.Code;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves pictures over HTTP until it is closed. */
public final class PictureServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PictureServer.class);
  private static final int MAX_CONNECTIONS = 128;
  private static final int MAX_STREAMS = 32;

  /** What a caller may take to send a call; the wait for pictures is without limit. */
  private static final Duration CALL_LIMIT = Duration.ofSeconds(60);

  /** What the running request gets when the server is told to stop. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration LAST_ANSWERS = Duration.ofSeconds(5);

  private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch stopAsked = new CountDownLatch(1);
  private final Secret own = Secret.random(new SecureRandom());
  private final String host;
  private final Jobs jobs;
  private final List<Endpoint> endpoints;
  private final Server server;

  private PictureServer(
      ServeSettings settings,
      InetAddress address,
      ServedModels models,
      PictureSource source,
      String version) {
    this.host = settings.host();
    InstantSource clock = InstantSource.system();
    SecureRandom random = new SecureRandom();
    ServeMetrics metrics = new ServeMetrics();
    this.jobs = new Jobs(source, metrics, Jobs.Keeping.USUAL, clock, random);
    Planner planner = new Planner(random);
    this.endpoints = new ArrayList<>();
    endpoints.addAll(
        new OpenAiCalls(models, planner, jobs, clock.instant().getEpochSecond()).endpoints());
    endpoints.addAll(new SdapiCalls(models, planner, jobs, clock).endpoints());
    endpoints.addAll(new JobCalls(models, planner, jobs, new JobEvents(handlers)).endpoints());
    endpoints.addAll(new ServerCalls(models, jobs, metrics, version).endpoints());
    this.server = server(settings, address);
  }

  /**
   * Starts serving.
   *
   * @throws NodeException when it cannot listen there, or must not: without a token only this
   *     computer may call
   */
  public static PictureServer start(
      ServeSettings settings, ServedModels models, PictureSource source, String version)
      throws NodeException {
    settings.checked();
    InetAddress address = resolved(settings.host());
    if (!address.isLoopbackAddress() && settings.token().isEmpty()) {
      throw new NodeException(
          Reason.USAGE,
          "on " + settings.host() + " anybody in the network could call this server",
          "give it a token with --token-file FILE, or leave out --host");
    }
    PictureServer serving = new PictureServer(settings, address, models, source, version);
    try {
      serving.server.start().join();
      return serving;
    } catch (CompletionException e) {
      serving.handlers.close();
      throw cannotListen(settings, e);
    }
  }

  private static InetAddress resolved(String host) throws NodeException {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new NodeException(
          Reason.USAGE, "no address is known for " + host, "name another with --host", e);
    }
  }

  private static NodeException cannotListen(ServeSettings settings, CompletionException e) {
    String where = ServeSettings.bracketed(settings.host()) + ":" + settings.port();
    for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (String.valueOf(cause.getMessage()).contains("Cannot assign requested address")) {
        return new NodeException(
            Reason.USAGE,
            settings.host() + " is no address of this computer",
            "name another with --host",
            e);
      }
    }
    return new NodeException(
        Reason.PORT_IN_USE,
        "cannot listen on " + where + ", another program may do so",
        "choose another port with --port, or 0 for any",
        e);
  }

  private Server server(ServeSettings settings, InetAddress address) {
    ServerBuilder builder =
        Server.builder()
            .http(new InetSocketAddress(address, settings.port()))
            .meterRegistry(new CompositeMeterRegistry()) // ours count pictures, not packets
            .maxNumConnections(MAX_CONNECTIONS)
            .http2MaxStreamsPerConnection(MAX_STREAMS)
            .maxRequestLength(Endpoint.SMALL)
            .requestTimeout(CALL_LIMIT)
            .unloggedExceptionsReportInterval(Duration.ZERO) // their callers hear of them
            .gracefulShutdownTimeout(Duration.ZERO, LAST_ANSWERS)
            .errorHandler(new InTheCallersDialect());
    List<Route> open = new ArrayList<>();
    for (Endpoint endpoint : endpoints) {
      Route route = Route.builder().methods(endpoint.method()).path(endpoint.path()).build();
      if (endpoint.open()) {
        open.add(route);
      }
      builder
          .route()
          .addRoute(route)
          .maxRequestLength(endpoint.maxBytes())
          .build((context, request) -> serve(endpoint, context, request));
    }
    AccessRules rules = settings.rules(own, address.isAnyLocalAddress());
    return builder
        .decorator(
            new AccessGuard(
                rules,
                context ->
                    open.stream()
                        .anyMatch(
                            route -> route.apply(context.routingContext(), false).isPresent())))
        .build();
  }

  private HttpResponse serve(
      Endpoint endpoint, ServiceRequestContext context, HttpRequest request) {
    return HttpResponse.of(
        request
            .aggregate()
            .thenApplyAsync(whole -> answer(endpoint, new Call(context, whole)), handlers));
  }

  private static HttpResponse answer(Endpoint endpoint, Call call) {
    AggregatedHttpRequest request = call.request();
    try {
      return endpoint.handler().answer(call);
    } catch (CallException e) {
      return Answers.failure(request.path(), e);
    } catch (NodeException e) {
      return Answers.failure(request.path(), new CallException(Code.FAILED, e.line()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Answers.failure(request.path(), Answers.ofStatus(HttpStatus.SERVICE_UNAVAILABLE));
    } catch (RuntimeException e) {
      LOG.error("{} {} failed", request.method(), request.path(), e);
      return Answers.failure(
          request.path(),
          new CallException(Code.FAILED, "the server failed to answer", "read its log"));
    }
  }

  /** What Armeria itself answers: no such path, another method, a body that never ends. */
  private static final class InTheCallersDialect implements ServerErrorHandler {
    @Override
    public @Nullable HttpResponse onServiceException(
        ServiceRequestContext context, Throwable cause) {
      return null;
    }

    @Override
    public @Nullable AggregatedHttpResponse renderStatus(
        @Nullable ServiceRequestContext context,
        ServiceConfig config,
        @Nullable RequestHeaders headers,
        HttpStatus status,
        @Nullable String description,
        @Nullable Throwable cause) {
      if (status.code() < 400) {
        return null;
      }
      String path = headers == null ? "" : headers.path();
      CallException failure =
          status.code() == 413
              ? new CallException(
                  Code.TOO_LARGE,
                  "the body is too large",
                  "send at most " + config.maxRequestLength() + " bytes")
              : Answers.ofStatus(status);
      return Answers.failure(path, failure).aggregate().join();
    }
  }

  /** All calls that it answers. */
  List<Endpoint> endpoints() {
    return List.copyOf(endpoints);
  }

  /** Where it is reached, as {@code http://host:port}. */
  public String address() {
    return "http://" + ServeSettings.bracketed(host) + ":" + server.activeLocalPort();
  }

  /** A secret of this run, with which its status can be read. */
  String ownSecret() {
    return own.text();
  }

  /** Asks {@link #awaitStop} to return. From any thread; never blocks. */
  public void stop() {
    stopAsked.countDown();
  }

  /** Waits for {@link #stop}. */
  public void awaitStop() throws InterruptedException {
    stopAsked.await();
  }

  /** Takes no more jobs, lets the running one end if it is soon, answers, and closes. */
  @Override
  public void close() {
    try {
      if (!jobs.stop(PATIENCE)) {
        LOG.info("a request was cancelled, because the server stops");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.stop().join();
    handlers.close();
  }
}
