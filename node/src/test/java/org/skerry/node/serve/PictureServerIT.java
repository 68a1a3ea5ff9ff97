package org.skerry.node.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.serve.Serving.Answer;
import tools.jackson.databind.JsonNode;

/** What a server does, whatever dialect it is spoken to in. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PictureServerIT extends ServingTest {
  private static final String GENERATE = "/v1/images/generations";

  @Test
  void aClientThatHangsUpCancelsItsJob() throws Exception {
    serving.source.finishesAtOnce = false;
    for (String path : List.of(GENERATE, "/sdapi/v1/txt2img")) {
      int before = serving.source.orders.size();
      try (Socket _ = serving.raw("POST", path, "Host: localhost\r\n", "{\"prompt\": \"sea\"}")) {
        await().until(() -> serving.source.orders.size() > before);
        assertThat(serving.source.last().pictures).isNotDone();
      }
      await()
          .untilAsserted(() -> assertThat(serving.source.last().pictures).as(path).isCancelled());
    }
  }

  @Test
  void aFullQueueIsSaidWithATimeToComeBack() throws Exception {
    serving.source.finishesAtOnce = false;
    serving.source.capacity = 1;
    serving.post("/api/v1/jobs", "{}");
    serving.post("/api/v1/jobs", "{}");
    for (String path : List.of("/api/v1/jobs", GENERATE, "/sdapi/v1/txt2img")) {
      Answer full = serving.post(path, "{\"prompt\": \"sea\"}");
      assertThat(full.status()).as(path).isEqualTo(429);
      assertThat(Integer.parseInt(full.header("retry-after"))).isBetween(1, 600);
      assertThat(full.text()).contains("too many requests wait already; ask again in ");
    }
    serving.source.orders.forEach(StubSource.StubOrder::cancel);
    serving.source.finishesAtOnce = true;
    assertThat(serving.post(GENERATE, "{\"prompt\": \"sea\"}").status()).isEqualTo(200);
  }

  @Test
  void whatCannotBeMadeFailsWithTheReason() throws Exception {
    serving.source.finishesAtOnce = false;
    Thread failing =
        Thread.ofVirtual()
            .start(() -> {
              await().until(() -> !serving.source.orders.isEmpty());
              serving
                  .source
                  .last()
                  .pictures
                  .completeExceptionally(
                      new NodeException(Reason.FAILED, "the worker was killed", "ask again"));
            });
    Answer failed = serving.post(GENERATE, "{\"prompt\": \"sea\"}");
    failing.join();
    assertThat(failed.status()).isEqualTo(500);
    assertThat(failed.json().path("error").path("message").asString())
        .isEqualTo("the worker was killed; ask again");
    assertThat(failed.json().path("error").path("type").asString()).isEqualTo("server_error");
  }

  @Test
  void bodiesAreBounded() throws Exception {
    String small = "{\"prompt\": \"" + "x".repeat(Endpoint.SMALL) + "\"}";
    Answer refused = serving.post(GENERATE, small);
    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.json().path("error").path("message").asString())
        .isEqualTo("the body is too large; send at most 131072 bytes");
    String large = "{\"image\": \"" + "x".repeat(Endpoint.WITH_PICTURE) + "\"}";
    assertThat(serving.post("/api/v1/jobs", large).status()).isEqualTo(413);
    assertThat(serving.source.orders).isEmpty();
  }

  @Test
  void unknownCallsAreAnsweredInTheCallersDialect() throws Exception {
    assertThat(serving.get("/v1/nothing").json().path("error").path("type").asString())
        .isEqualTo("invalid_request_error");
    assertThat(serving.get("/sdapi/v1/nothing").json().path("detail").asString())
        .isEqualTo("no such call; read /openapi.json");
    Answer other = serving.get("/nothing");
    assertThat(other.status()).isEqualTo(404);
    assertThat(other.json().path("error").path("code").asString()).isEqualTo("not_found");
    assertThat(serving.delete("/healthz").status()).isEqualTo(405);
  }

  @Test
  void saysHowItIsAndWhatItDid() throws Exception {
    assertThat(serving.get("/healthz").text()).isEqualTo("{\"status\":\"ok\"}");
    serving.post(GENERATE, "{\"prompt\": \"sea\", \"n\": 3}");
    serving.source.finishesAtOnce = false;
    serving.post("/api/v1/jobs", "{}");
    serving.post("/api/v1/jobs", "{}");

    assertThat(serving.get("/api/v1/status").text())
        .isEqualTo("{\"models\":[\"coast\",\"pets\"],\"running\":1,\"queued\":1}");
    Answer metrics = serving.get("/metrics");
    assertThat(metrics.header("content-type")).startsWith("text/plain; version=0.0.4");
    assertThat(metrics.text())
        .contains(
            "skerry_requests_total{api=\"openai\",outcome=\"done\"} ",
            "skerry_images_total{model=\"coast\"} ",
            "skerry_requests_waiting 1.0",
            "skerry_requests_running 1.0",
            "skerry_worker_restarts_total 3.0",
            "skerry_request_duration_seconds_bucket{le=\"0.1\"}",
            "skerry_request_duration_seconds_count ");
    JsonNode description = serving.get("/openapi.json").json();
    assertThat(description.path("info").path("version").asString()).isEqualTo("1.2.3");
  }

  @Test
  void theDescriptionHasExactlyTheCallsThatAreAnswered() {
    assertThat(OpenApi.calls())
        .containsExactlyInAnyOrderElementsOf(
            serving.server.endpoints().stream()
                .map(endpoint -> endpoint.method() + " " + endpoint.path())
                .toList());
  }

  @Test
  void stoppingCancelsWhatWaitsAndLetsWhatRunsEnd(@TempDir Path own) throws Exception {
    try (Serving serving = Serving.open(own)) {
      serving.source.finishesAtOnce = false;
      CompletableFuture<Answer> answer = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(() -> {
            try {
              answer.complete(serving.post(GENERATE, "{\"prompt\": \"sea\"}"));
            } catch (IOException | InterruptedException e) {
              answer.completeExceptionally(e);
            }
          });
      await().until(() -> serving.source.orders.size() == 1);
      serving.post("/api/v1/jobs", "{}");
      Thread closing = Thread.ofVirtual().start(serving.server::close);
      await().until(() -> serving.source.last().pictures.isCancelled());
      assertThat(serving.post("/api/v1/jobs", "{}").status()).isEqualTo(503);
      serving.source.orders.getFirst().finish();
      assertThat(answer.get(20, TimeUnit.SECONDS).status()).isEqualTo(200);
      closing.join();
    }
  }

  @Test
  void aTakenPortIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> start("127.0.0.1", taken.getLocalPort(), Optional.empty()))
          .hasMessage(
              "cannot listen on 127.0.0.1:"
                  + taken.getLocalPort()
                  + ", another program may do so; choose another port with --port, or 0 for any")
          .isInstanceOfSatisfying(
              NodeException.class, e -> assertThat(e.reason().exitCode()).isEqualTo(4));
    }
  }

  @Test
  void othersMayCallOnlyWithAToken() throws Exception {
    assertThatThrownBy(() -> start("0.0.0.0", 0, Optional.empty()))
        .hasMessage(
            "on 0.0.0.0 anybody in the network could call this server; give it a token with"
                + " --token-file FILE, or leave out --host");
    start("0.0.0.0", 0, Optional.of("a-long-token")).close();
    assertThatThrownBy(() -> start("192.0.2.1", 0, Optional.of("a-long-token")))
        .hasMessage("192.0.2.1 is no address of this computer; name another with --host");
  }

  private PictureServer start(String host, int port, Optional<String> token) throws Exception {
    return PictureServer.start(
        new ServeSettings(host, port, token, List.of(), List.of()),
        new Shelf(folder).served(),
        new StubSource(),
        "test");
  }
}
