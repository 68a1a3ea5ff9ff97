package org.skerry.node.serve;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.node.cli.CommandRun;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Real processes, told to stop or killed in the middle of a request. */
@Timeout(value = 180, unit = SECONDS)
class ServeProcessIT {
  private static final String GENERATE = "/v1/images/generations";
  private static final String SMALL = "{\"prompt\": \"\", \"steps\": 2, \"seed\": 1}";
  private static final String ENDLESS =
      "{\"prompt\": \"\", \"steps\": 1000, \"n\": 64, \"solver\": \"heun\"}";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path home;

  @BeforeEach
  void shelveAModel() throws Exception {
    ServeProcess.shelve(home);
  }

  private static JsonNode picture(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JsonMapper.shared().readTree(answer.body()).path("data").path(0).path("b64_json");
  }

  /** The worker of {@code serve}, once it makes pictures. */
  private static ProcessHandle busyWorker(ServeProcess serve) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(serve.get("/api/v1/jobs").body())
                .containsPattern("\"progress\":0\\.0*[1-9]"));
    List<ProcessHandle> children = serve.process.children().toList();
    assertThat(children).hasSize(1);
    return children.getFirst();
  }

  private List<Path> leftovers() throws IOException {
    try (Stream<Path> files = Files.walk(home)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.toString().matches(".*\\.(png|part|tmp)"))
          .toList();
    }
  }

  @Test
  void isListedWhileItRunsAndStopsWhenItIsTold() throws Exception {
    assertThat(CommandRun.of(home, "ps").err()).contains("Nothing is served");
    assertThat(CommandRun.of(home, "stop").status()).isEqualTo(4);
    try (ServeProcess serve = ServeProcess.start(home)) {
      JsonNode first = picture(serve.post(GENERATE, SMALL).join());
      assertThat(picture(serve.post(GENERATE, SMALL).join())).isEqualTo(first);

      JsonNode row =
          JsonMapper.shared().readTree(CommandRun.of(home, "ps", "--json").out()).path(0);
      assertThat(row.path("pid").asLong()).isEqualTo(serve.process.pid());
      assertThat(row.path("address").asString()).isEqualTo(serve.address);
      assertThat(row.path("models").path(0).asString()).isEqualTo("waves");
      assertThat(row.path("running").asInt(-1)).isZero();
      assertThat(CommandRun.of(home, "ps").out())
          .contains(serve.address, "0 running, 0 queued", "waves");

      CommandRun stopped = CommandRun.of(home, "stop", serve.address);
      assertThat(stopped.status()).as(stopped.err()).isZero();
      assertThat(stopped.err()).contains("Stopped " + serve.address);
      assertThat(serve.process.isAlive()).isFalse();
    }
    assertThat(home.resolve("servers")).isEmptyDirectory();
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void killedInTheMiddleOfARequestItLeavesNothingAndStartsAgain() throws Exception {
    ProcessHandle worker;
    try (ServeProcess serve = ServeProcess.start(home)) {
      CompletableFuture<HttpResponse<String>> asked = serve.post(GENERATE, ENDLESS);
      worker = busyWorker(serve);
      serve.kill();
      assertThatThrownBy(asked::join).hasCauseInstanceOf(IOException.class);
    }
    await().atMost(PATIENCE).until(() -> !worker.isAlive());
    assertThat(home.resolve("servers")).isNotEmptyDirectory();

    try (ServeProcess again = ServeProcess.start(home)) {
      picture(again.post(GENERATE, SMALL).join());
      JsonNode rows = JsonMapper.shared().readTree(CommandRun.of(home, "ps", "--json").out());
      assertThat(rows.size()).isEqualTo(1);
      assertThat(rows.path(0).path("pid").asLong()).isEqualTo(again.process.pid());
      assertThat(leftovers()).isEmpty();
    }
  }

  @Test
  void aKilledWorkerFailsItsRequestAndTheNextGetsAnother() throws Exception {
    try (ServeProcess serve = ServeProcess.start(home)) {
      CompletableFuture<HttpResponse<String>> asked = serve.post(GENERATE, ENDLESS);
      busyWorker(serve).destroyForcibly();
      HttpResponse<String> failed = asked.get(60, SECONDS);
      assertThat(failed.statusCode()).isEqualTo(500);
      assertThat(failed.body()).contains("the worker died", "ask again");
      picture(serve.post(GENERATE, SMALL).join());
      assertThat(serve.get("/metrics").body()).contains("skerry_worker_restarts_total 1.0");
      assertThat(leftovers()).isEmpty();
    }
  }

  @Test
  void aClientThatHangsUpFreesTheWorker() throws Exception {
    try (ServeProcess serve = ServeProcess.start(home)) {
      CompletableFuture<HttpResponse<String>> asked = serve.post(GENERATE, ENDLESS);
      busyWorker(serve);
      asked.cancel(true);
      picture(serve.post(GENERATE, SMALL).get(60, SECONDS));
    }
  }

  @Test
  void stoppingCancelsWhatTakesTooLongAndSaysSo() throws Exception {
    try (ServeProcess serve = ServeProcess.start(home)) {
      CompletableFuture<HttpResponse<String>> asked = serve.post(GENERATE, ENDLESS);
      ProcessHandle worker = busyWorker(serve);
      CommandRun stopped = CommandRun.of(home, "stop", Long.toString(serve.process.pid()));
      assertThat(stopped.status()).as(stopped.err()).isZero();
      assertThat(asked.get(10, SECONDS).statusCode()).isEqualTo(410);
      await().atMost(PATIENCE).until(() -> !worker.isAlive());
    }
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void aPortThatIsTakenIsSaidOnOneLine() throws Exception {
    try (ServeProcess serve = ServeProcess.start(home)) {
      String port = serve.address.substring(serve.address.lastIndexOf(':') + 1);
      CommandRun second = CommandRun.of(home, "serve", "--port", port);
      assertThat(second.status()).isEqualTo(4);
      assertThat(second.error()).contains("127.0.0.1:" + port, "choose another port with --port");
      CommandRun open = CommandRun.of(home, "serve", "--host", "0.0.0.0", "--port", "0");
      assertThat(open.status()).isEqualTo(2);
      assertThat(open.error()).contains("give it a token with --token-file FILE");
      CommandRun unknown = CommandRun.of(home, "serve", "nothing");
      assertThat(unknown.status()).isEqualTo(6);
      assertThat(unknown.error()).contains("no ensemble 'nothing' was pulled");
    }
  }
}
