package org.skerry.node.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.generate.PictureRequest;
import org.skerry.node.serve.Serving.Answer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Skerry's own calls, over a real socket. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class JobCallsIT extends ServingTest {
  private static final String PICTURE = Base64.getEncoder().encodeToString(StubSource.PNG);

  private static String submit(String body) throws Exception {
    Answer answer = serving.post("/api/v1/jobs", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    assertThat(answer.header("location"))
        .isEqualTo("/api/v1/jobs/" + answer.json().path("id").asString());
    return answer.header("location");
  }

  private static String state(String job) throws Exception {
    return serving.get(job).json().path("state").asString();
  }

  @Test
  void aJobIsAskedForWatchedFetchedAndForgotten() throws Exception {
    serving.source.finishesAtOnce = false;
    String job =
        submit(
            """
            {"model": "pets", "class": 1, "count": 2, "width": 24, "seed": 5, "guidance": 2,
             "preview_every": 3, "image": "%s", "strength": 0.3}
            """
                .formatted(PICTURE));
    PictureRequest request = serving.source.last().request;
    assertThat(request.label()).isEqualTo(1);
    assertThat(request.scale()).isEqualTo(3);
    assertThat(request.previewEvery()).isEqualTo(3);
    assertThat(request.start()).isNotNull();
    String second = submit("{}");
    assertThat(state(job)).isEqualTo("running");
    assertThat(serving.get(second).json().path("position").asInt()).isEqualTo(1);
    assertThat(serving.get(job + "/images/0").status()).isEqualTo(409);

    serving.source.orders.getFirst().finish();
    JsonNode done = serving.get(job).json();
    assertThat(done.path("state").asString()).isEqualTo("done");
    assertThat(done.path("progress").asDouble()).isEqualTo(1);
    assertThat(done.path("size").asInt()).isEqualTo(24);
    assertThat(done.path("images").path(1).path("url").asString()).isEqualTo(job + "/images/1");
    assertThat(serving.get(job + "/images/1").response().body()).isEqualTo(StubSource.PNG);
    assertThat(serving.get(job + "/images/2").status()).isEqualTo(404);
    assertThat(serving.get(job + "/images/x").status()).isEqualTo(404);
    assertThat(serving.get("/api/v1/jobs").text()).contains(done.path("id").asString());

    assertThat(serving.delete(job).status()).isEqualTo(204);
    assertThat(serving.get(job).status()).isEqualTo(404);
  }

  @Test
  void deletingCancels() throws Exception {
    serving.source.finishesAtOnce = false;
    String job = submit("{}");
    assertThat(serving.delete(job).status()).isEqualTo(204);
    assertThat(serving.source.last().pictures).isCancelled();
    assertThat(state(job)).isEqualTo("cancelled");
  }

  @Test
  void unknownFieldsAreRefused() throws Exception {
    Answer answer = serving.post("/api/v1/jobs", "{\"stpes\": 3}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().path("error").path("field").asString()).isEqualTo("stpes");
    assertThat(answer.json().path("error").path("message").asString())
        .isEqualTo("stpes is not known; read /openapi.json for the fields");
    Answer text = serving.post("/api/v1/jobs", "{\"image\": \"no picture\"}");
    assertThat(text.json().path("error").path("field").asString()).isEqualTo("image");
    Answer still =
        serving.post("/api/v1/jobs", "{\"image\": \"" + PICTURE + "\", \"strength\": 0}");
    assertThat(still.json().path("error").path("field").asString()).isEqualTo("strength");
  }

  /** Reads one event: its name and data. */
  private static String[] next(BufferedReader events) throws IOException {
    String name = "";
    String data = "";
    for (String line = events.readLine(); line != null; line = events.readLine()) {
      if (line.startsWith("event: ")) {
        name = line.substring(7);
      } else if (line.startsWith("data: ")) {
        data = line.substring(6);
      } else if (line.isEmpty() && !name.isEmpty()) {
        return new String[] {name, data};
      }
    }
    return new String[] {"", ""};
  }

  private static JsonNode expect(BufferedReader events, String name) throws IOException {
    String[] event = next(events);
    assertThat(event[0]).as(event[1]).isEqualTo(name);
    return JsonMapper.shared().readTree(event[1]);
  }

  @Test
  void eventsTellAJobFromTheQueueToItsPictures() throws Exception {
    serving.source.finishesAtOnce = false;
    String before = submit("{}");
    String job = submit("{\"preview_every\": 1}");
    try (InputStream stream = serving.open(job + "/events");
        var events = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      assertThat(expect(events, "queued").path("position").asInt()).isEqualTo(1);
      serving.delete(before);
      assertThat(expect(events, "progress").path("done").asInt()).isZero();
      StubSource.StubOrder order = serving.source.last();
      order.listener.progress(10, 40);
      JsonNode progress = expect(events, "progress");
      assertThat(progress.path("done").asInt()).isEqualTo(10);
      assertThat(progress.path("progress").asDouble()).isEqualTo(0.25);
      order.listener.preview(StubSource.PNG);
      assertThat(expect(events, "preview").path("image").asString()).isEqualTo(PICTURE);
      order.finish();
      JsonNode done = expect(events, "done");
      assertThat(done.path("images").path(0).path("url").asString()).isEqualTo(job + "/images/0");
      assertThat(events.readLine()).isNull();
    }
    try (InputStream stream = serving.open(job + "/events");
        var late = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      expect(late, "done");
    }
  }

  @Test
  void eventsEndWithTheReasonOfAFailure() throws Exception {
    serving.source.finishesAtOnce = false;
    String job = submit("{}");
    try (InputStream stream = serving.open(job + "/events");
        var events = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      expect(events, "progress");
      serving
          .source
          .last()
          .pictures
          .completeExceptionally(new NodeException(Reason.FAILED, "it broke", "ask again"));
      assertThat(expect(events, "failed").path("error").asString())
          .isEqualTo("it broke; ask again");
    }
  }

  @Test
  void whoStopsListeningCancelsNothing() throws Exception {
    serving.source.finishesAtOnce = false;
    String job = submit("{}");
    try (InputStream stream = serving.open(job + "/events")) {
      assertThat(stream.read()).isPositive();
    }
    serving.source.last().listener.progress(1, 2);
    serving.source.last().finish();
    await().untilAsserted(() -> assertThat(state(job)).isEqualTo("done"));
  }
}
