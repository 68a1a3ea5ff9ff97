package org.skerry.node.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.skerry.node.generate.PictureRequest;
import org.skerry.node.generate.StartImage;
import org.skerry.node.serve.Serving.Answer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The calls of AUTOMATIC1111's clients, over a real socket. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SdapiCallsIT extends ServingTest {
  private static final String PICTURE = Base64.getEncoder().encodeToString(StubSource.PNG);

  @BeforeEach
  void chooseTheUsualModel() throws Exception {
    serving.post("/sdapi/v1/options", "{\"sd_model_checkpoint\": \"coast\"}");
  }

  private static JsonNode info(Answer answer) {
    return JsonMapper.shared().readTree(answer.json().path("info").asString());
  }

  @Test
  void answersWhatAClientSendsWithAllItsSettings() throws Exception {
    Answer answer =
        serving.post(
            "/sdapi/v1/txt2img",
            """
            {"prompt": "cat", "negative_prompt": "blurry", "sampler_name": "DDIM",
             "scheduler": "normal", "steps": 9, "cfg_scale": 3, "width": 64, "height": 128,
             "restore_faces": true, "enable_hr": false, "hr_upscaler": "Latent", "seed": 11,
             "override_settings": {"CLIP_stop_at_last_layers": 1, "sd_model_checkpoint": "pets"},
             "override_settings_restore_afterwards": true, "batch_size": 2, "n_iter": 2,
             "denoising_strength": 0.7, "save_images": true, "url": "x", "auth": ""}
            """);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(serving.source.last().request)
        .isEqualTo(
            PictureRequest.of("pets")
                .prompt("cat")
                .negativePrompt("blurry")
                .label(0)
                .guidance(3)
                .steps(9)
                .seed(11)
                .count(4)
                .scale(8)
                .build());
    assertThat(answer.json().path("images").size()).isEqualTo(4);
    assertThat(answer.json().path("images").path(0).asString()).isEqualTo(PICTURE);
    assertThat(answer.json().path("parameters").path("seed").asInt()).isEqualTo(11);
    JsonNode info = info(answer);
    assertThat(info.path("seed").asLong()).isEqualTo(11);
    assertThat(info.path("width").asInt()).isEqualTo(64);
    assertThat(info.path("sampler_name").asString()).isEqualTo("DPM++ 2M");
    assertThat(info.path("infotexts").path(3).asString())
        .isEqualTo(
            "cat\nSteps: 9, Sampler: DPM++ 2M, CFG scale: 3.0, Seed: 11, Index: 3, Size: 64x64,"
                + " Model: pets");
    assertThat(info.path("warnings").valueStream().map(JsonNode::asString))
        .containsExactly(
            "negative prompts are not understood, and this one is ignored",
            "the model makes 8 × 8; asked for 64 × 128, each pixel was enlarged 8 times, to"
                + " 64 × 64",
            "sampler 'DDIM' is not known; DPM++ 2M was used",
            "restore_faces is not known, and ignored");
  }

  @Test
  void aPictureIsChanged() throws Exception {
    Answer answer =
        serving.post(
            "/sdapi/v1/img2img",
            """
            {"init_images": ["data:image/png;base64,%s"], "denoising_strength": 0.4,
             "sampler_name": "Euler"}
            """
                .formatted(PICTURE));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    PictureRequest request = serving.source.last().request;
    assertThat(request.solver()).isEqualTo("euler");
    assertThat(request.start()).isEqualTo(new StartImage(StubSource.PNG, 0.4));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "txt2img | {\"steps\": 0}                    | steps       | steps is 0; send a whole",
        "txt2img | {\"batch_size\": 9, \"n_iter\": 9} | n_iter     | n_iter times batch_size is 81; ask",
        "txt2img | {\"width\": 5000}                 | width       | width is 5000; send",
        "txt2img | {\"prompt\": {}}                  | prompt      | prompt is no text; send",
        "txt2img | {\"override_settings\": 1}        | override_settings | override_settings is no object",
        "img2img | {}                                | init_images | init_images is missing; send",
        "img2img | {\"init_images\": [\"AA\",\"AA\"]}| init_images | init_images is no list of one",
        "img2img | {\"init_images\": [\"*\"]}        | init_images | init_images is neither PNG nor",
        "img2img | {\"init_images\": [\"AAAA\"]}     | init_images | init_images is neither PNG nor",
        "img2img | {\"mask\": \"AA\"}                | mask        | mask is not known; send",
      })
  void whatCannotBeIsNamedWithARemedy(String call, String body, String field, String message)
      throws Exception {
    Answer answer = serving.post("/sdapi/v1/" + call, body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(422);
    JsonNode detail = answer.json().path("detail").path(0);
    assertThat(detail.path("loc").path(1).asString()).isEqualTo(field);
    assertThat(detail.path("msg").asString()).startsWith(message);
    assertThat(serving.source.orders).isEmpty();
  }

  @Test
  void aModelIsChosenForTheCallsThatNameNone() throws Exception {
    JsonNode options = serving.get("/sdapi/v1/options").json();
    assertThat(options.path("sd_model_checkpoint").asString()).isEqualTo("coast");
    assertThat(options.has("CLIP_stop_at_last_layers")).isTrue();

    String all = serving.get("/sdapi/v1/options").text().replace("coast", "pets");
    assertThat(serving.post("/sdapi/v1/options", all).status()).isEqualTo(200);
    assertThat(serving.get("/sdapi/v1/options").text()).contains("\"pets\"");
    serving.post("/sdapi/v1/txt2img", "{}");
    assertThat(serving.source.last().request.model()).isEqualTo("pets");

    Answer unknown = serving.post("/sdapi/v1/options", "{\"sd_model_checkpoint\": \"no\"}");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.text()).contains("'no' is not served here; name one of coast, pets");
  }

  @Test
  void listsHaveTheFieldsThatClientsRead() throws Exception {
    JsonNode models = serving.get("/sdapi/v1/sd-models").json();
    assertThat(models.path(1).path("title").asString()).isEqualTo("pets");
    assertThat(models.path(1).path("model_name").asString()).isEqualTo("pets");
    assertThat(
            serving
                .get("/sdapi/v1/samplers")
                .json()
                .valueStream()
                .map(row -> row.path("name").asString()))
        .containsExactly("DPM++ 2M", "Euler", "Heun");
    assertThat(serving.get("/sdapi/v1/schedulers").json().path(0).path("name").asString())
        .isEqualTo("automatic");
    assertThat(serving.get("/sdapi/v1/upscalers").json().path(0).path("name").asString())
        .isEqualTo("None");
    for (String path : List.of("latent-upscale-modes", "sd-vae")) {
      assertThat(serving.get("/sdapi/v1/" + path).text()).isEqualTo("[]");
    }
  }

  @Test
  void progressIsToldAndInterruptingEndsTheRunningCallOnly() throws Exception {
    JsonNode idle = serving.get("/sdapi/v1/progress").json();
    assertThat(idle.path("progress").asDouble()).isZero();
    assertThat(idle.path("state").path("job_count").asInt()).isZero();

    serving.source.finishesAtOnce = false;
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            answer.complete(serving.post("/sdapi/v1/txt2img", "{\"prompt\": \"sea\"}"));
          } catch (IOException | InterruptedException e) {
            answer.completeExceptionally(e);
          }
        });
    await().until(() -> serving.source.orders.size() == 1);
    serving.post("/api/v1/jobs", "{}");
    serving.source.orders.getFirst().listener.progress(6, 30);
    serving.source.orders.getFirst().listener.preview(StubSource.PNG);

    JsonNode busy = serving.get("/sdapi/v1/progress").json();
    assertThat(busy.path("progress").asDouble()).isEqualTo(0.2);
    assertThat(busy.path("state").path("job_count").asInt()).isEqualTo(1);
    assertThat(busy.path("state").path("sampling_step").asInt()).isEqualTo(6);
    assertThat(busy.path("current_image").asString()).isEqualTo(PICTURE);
    assertThat(
            serving
                .get("/sdapi/v1/progress?skip_current_image=true")
                .json()
                .path("current_image")
                .isNull())
        .isTrue();

    assertThat(serving.post("/sdapi/v1/interrupt", "").status()).isEqualTo(200);
    assertThat(answer.get(20, TimeUnit.SECONDS).status()).isEqualTo(410);
    assertThat(serving.source.orders.getFirst().pictures).isCancelled();
    assertThat(serving.source.last().pictures).isNotDone();
  }
}
