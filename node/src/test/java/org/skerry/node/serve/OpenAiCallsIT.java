package org.skerry.node.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.skerry.node.generate.PictureRequest;
import org.skerry.node.serve.Serving.Answer;
import tools.jackson.databind.JsonNode;

/** The calls of OpenAI's clients, over a real socket. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class OpenAiCallsIT extends ServingTest {
  private static final String GENERATE = "/v1/images/generations";

  @Test
  void makesWhatIsAskedFor() throws Exception {
    Answer answer =
        serving.post(
            GENERATE,
            """
            {"model": "pets", "prompt": "dog", "n": 2, "size": "70x64", "quality": "hd",
             "seed": 7, "first": 3, "steps": 12, "strategy": "top-2", "solver": "heun",
             "shift": 2, "temperature": 0.5, "guidance": 2.5, "user": "ada"}
            """);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().path("data").size()).isEqualTo(2);
    assertThat(
            Base64.getDecoder()
                .decode(answer.json().path("data").path(1).path("b64_json").asString()))
        .isEqualTo(StubSource.PNG);
    assertThat(answer.json().path("seed").asLong()).isEqualTo(7);
    assertThat(answer.json().path("warnings").path(0).asString())
        .isEqualTo(
            "the model makes 8 × 8; asked for 70 × 64, each pixel was enlarged 8 times, to"
                + " 64 × 64");
    assertThat(answer.json().path("warnings").size()).isEqualTo(1);
    PictureRequest request = serving.source.last().request;
    assertThat(request)
        .isEqualTo(
            PictureRequest.of("pets")
                .prompt("dog")
                .label(1)
                .count(2)
                .scale(8)
                .seed(7)
                .first(3)
                .steps(12)
                .strategy("top-2")
                .solver("heun")
                .shift(2)
                .temperature(0.5)
                .guidance(2.5)
                .build());
  }

  @Test
  void whatIsLeftOutHasGoodDefaults() throws Exception {
    Answer answer = serving.post(GENERATE, "{\"prompt\": \"\", \"dreams\": true}");
    assertThat(answer.status()).isEqualTo(200);
    PictureRequest request = serving.source.last().request;
    assertThat(request).isEqualTo(PictureRequest.of("coast").seed(request.seed()).build());
    assertThat(answer.json().path("warnings").path(0).asString())
        .isEqualTo("dreams is not known, and ignored");
    serving.post(GENERATE, "{\"prompt\": \"\"}");
    assertThat(serving.source.last().request.seed()).isNotEqualTo(request.seed());
  }

  @Test
  void anUnconditionalModelSaysThatItIgnoresThePrompt() throws Exception {
    Answer answer = serving.post(GENERATE, "{\"prompt\": \"a stormy sea\"}");
    assertThat(answer.json().path("warnings").path(0).asString()).contains("ignored");
    assertThat(serving.source.last().request.label()).isNull();
  }

  @Test
  void aModelWithClassesTakesTheOneThatThePromptNames() throws Exception {
    serving.post(GENERATE, "{\"model\": \"pets\", \"prompt\": \"two small dogs, oil\"}");
    assertThat(serving.source.last().request.label()).isEqualTo(1);

    Answer answer = serving.post(GENERATE, "{\"model\": \"pets\", \"prompt\": \"a whale\"}");
    assertThat(serving.source.last().request.label()).isNull();
    assertThat(answer.json().path("warnings").path(0).asString())
        .isEqualTo("the prompt names none of the model's classes, and is ignored");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                      | prompt          | prompt is missing; say",
        "{\"prompt\": 5}                         | prompt          | prompt is no text; send a",
        "{\"prompt\": \"\", \"n\": 65}           | n               | n is 65; send a whole number from 1 to 64",
        "{\"prompt\": \"\", \"n\": 1.5}          | n               | n is no whole number; send",
        "{\"prompt\": \"\", \"n\": \"2\"}        | n               | n is no whole number; send",
        "{\"prompt\": \"\", \"size\": \"0x8\"}   | size            | size is no size; send WIDTHxHEIGHT",
        "{\"prompt\": \"\", \"size\": \"9999x8\"}| size            | size is no size; send WIDTHxHEIGHT",
        "{\"prompt\": \"\", \"steps\": 0}        | steps           | steps is 0; send a whole number from 1",
        "{\"prompt\": \"\", \"steps\": 1e9}      | steps           | steps is 1000000000; send",
        "{\"prompt\": \"\", \"seed\": 1e30}      | seed            | seed is no whole number; send",
        "{\"prompt\": \"\", \"shift\": 0}        | shift           | shift is 0.0; send a number from 0.01",
        "{\"prompt\": \"\", \"strategy\": \"x\"} | strategy        | strategy is not known; send full",
        "{\"prompt\": \"\", \"solver\": \"x\"}   | solver          | solver is not known; send euler",
        "{\"prompt\": \"\", \"stream\": true}    | stream          | stream is true; use /api/v1/jobs",
        "{\"prompt\": \"\", \"response_format\": \"x\"} | response_format | response_format is not known",
        "{\"prompt\": \"\", \"output_format\": \"webp\"} | output_format | output_format is not png",
        "{\"prompt\": \"\", \"model\": \"pets\", \"class\": \"cow\"} | class | class is none of the model's",
        "{\"prompt\": \"\"                       |                 | the body is no JSON",
        "[]                                      |                 | the body is no JSON object; send",
      })
  void whatCannotBeIsNamedWithARemedy(String body, String field, String message) throws Exception {
    Answer answer = serving.post(GENERATE, body);
    assertThat(answer.status()).isEqualTo(400);
    JsonNode error = answer.json().path("error");
    assertThat(error.path("message").asString()).startsWith(message).contains("; ");
    assertThat(error.path("param").asString("")).isEqualTo(field == null ? "" : field);
    assertThat(error.path("type").asString()).isEqualTo("invalid_request_error");
    assertThat(serving.source.orders).isEmpty();
  }

  @Test
  void modelsAreListedAndAnUnknownOneIsNotFound() throws Exception {
    JsonNode list = serving.get("/v1/models").json();
    assertThat(list.path("object").asString()).isEqualTo("list");
    assertThat(list.path("data").valueStream().map(row -> row.path("id").asString()))
        .containsExactly("coast", "pets");
    JsonNode pets = serving.get("/v1/models/pets").json();
    assertThat(pets.path("owned_by").asString()).isEqualTo("12D3Koo");
    assertThat(pets.path("object").asString()).isEqualTo("model");
    assertThat(pets.path("classes").valueStream().map(JsonNode::asString))
        .containsExactly("cat", "dog");

    for (Answer answer :
        new Answer[] {
          serving.get("/v1/models/dall-e-3"),
          serving.post(GENERATE, "{\"prompt\": \"\", \"model\": \"dall-e-3\"}")
        }) {
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.json().path("error").path("message").asString())
          .isEqualTo("model 'dall-e-3' is not served here; name one of coast, pets");
      assertThat(answer.json().path("error").path("code").asString()).isEqualTo("model_not_found");
    }
  }

  @Test
  void linksLeadToThePicturesAndOnlyTheyAreKept() throws Exception {
    Answer answer =
        serving.post(GENERATE, "{\"prompt\": \"\", \"n\": 2, \"response_format\": \"url\"}");
    String url = answer.json().path("data").path(1).path("url").asString();
    Answer picture = serving.get(url.substring(serving.server.address().length()));
    assertThat(picture.header("content-type")).isEqualTo("image/png");
    assertThat(picture.response().body()).isEqualTo(StubSource.PNG);

    int kept = serving.get("/api/v1/jobs").json().path("jobs").size();
    serving.post(GENERATE, "{\"prompt\": \"\"}");
    assertThat(serving.get("/api/v1/jobs").json().path("jobs").size()).isEqualTo(kept);
  }
}
