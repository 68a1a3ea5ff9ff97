package org.skerry.node.serve;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.skerry.node.NodeException;

/** What the server says of itself. */
final class ServerCalls {
  private static final MediaType PROMETHEUS =
      MediaType.parse("text/plain; version=0.0.4; charset=utf-8");

  private final ServedModels models;
  private final Jobs jobs;
  private final ServeMetrics metrics;
  private final byte[] openApi;

  ServerCalls(ServedModels models, Jobs jobs, ServeMetrics metrics, String version) {
    this.models = models;
    this.jobs = jobs;
    this.metrics = metrics;
    this.openApi = openApi().replace("${version}", version).getBytes(StandardCharsets.UTF_8);
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/healthz", call -> Answers.ok(new Health("ok"))).forAnybody(),
        Endpoint.get(
                "/openapi.json",
                call -> HttpResponse.of(HttpStatus.OK, MediaType.JSON, HttpData.wrap(openApi)))
            .forAnybody(),
        Endpoint.get(
            "/metrics", call -> HttpResponse.of(HttpStatus.OK, PROMETHEUS, metrics.text())),
        Endpoint.get("/api/v1/status", call -> Answers.ok(status())));
  }

  private record Health(String status) {}

  /** What {@code skerry ps} shows. */
  record Status(List<String> models, int running, int queued) {}

  private Status status() throws NodeException {
    return new Status(
        models.names(), jobs.in(Job.State.RUNNING).size(), jobs.in(Job.State.QUEUED).size());
  }

  /** The description of all calls, with a place for the version. */
  static String openApi() {
    try (InputStream in =
        Objects.requireNonNull(ServerCalls.class.getResourceAsStream("openapi.json"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
