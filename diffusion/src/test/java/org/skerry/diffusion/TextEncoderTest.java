package org.skerry.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.skerry.diffusion.Vectors.assertClose;
import static org.skerry.diffusion.Vectors.get;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.diffusion.ClipTextConfig.Activation;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.torch.HostTensors;
import org.skerry.diffusion.torch.Torch;

/** Against plain PyTorch that follows the published sources ({@code vectors/text-tiny}). */
class TextEncoderTest {
  private static final double TOLERANCE = 1e-5;
  private static final ClipTextConfig CLIP =
      new ClipTextConfig(40, 11, 24, 2, 3, 48, Activation.QUICK_GELU);
  private static final T5Config T5_GATED =
      new T5Config(40, 20, 2, 3, 6, 28, 32, 128, T5Config.Activation.GATED_GELU);
  private static final T5Config T5_RELU =
      new T5Config(40, 20, 2, 3, 6, 28, 32, 128, T5Config.Activation.RELU);

  @TempDir Path folder;
  private final Map<String, HostTensor> inputs = Vectors.load("text-tiny/inputs");
  private final Map<String, HostTensor> outputs = Vectors.load("text-tiny/outputs");
  private NDManager manager;

  @BeforeEach
  void start() {
    manager = Torch.newManager();
  }

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void clipIsTheReferencesWithBothActivationsAndForShorterTexts() throws IOException {
    var quick = new ClipTextEncoder(CLIP);
    Parameters p = weights(quick, "clip");
    assertIs(quick.forward(p, input("ids")), "clip_quick");
    assertIs(quick.forward(p, input("ids").get(":, :5")), "clip_short");
    var exact = new ClipTextEncoder(new ClipTextConfig(40, 11, 24, 2, 3, 48, Activation.GELU));
    assertIs(exact.forward(weights(exact, "clip"), input("ids")), "clip_exact");
  }

  @Test
  void t5IsTheReferencesWithBothPerceptrons() throws IOException {
    var gated = new T5Encoder(T5_GATED);
    Parameters p = weights(gated, "t5-gated");
    assertIs(gated.forward(p, input("ids")), "t5_gated");
    NDArray masked = gated.forward(p, input("ids"), input("mask"));
    assertIs(masked.get(":, :7"), "t5_gated_masked");
    var relu = new T5Encoder(T5_RELU);
    Parameters q = weights(relu, "t5-relu");
    assertIs(relu.forward(q, input("ids")), "t5_relu");
    assertIs(relu.forward(q, input("long_ids")), "t5_relu_long");
  }

  @Test
  void distancesFallIntoTheReferencesBuckets() {
    long[] expected = get(outputs, "t5_buckets").longs();
    for (int d = -150; d <= 150; d++) {
      assertThat(new T5Encoder(T5_RELU).bucket(d))
          .as("distance %d", d)
          .isEqualTo(expected[d + 150]);
    }
  }

  @Test
  void shapesAreReadFromTheWeightsAndSurviveBeingWritten() {
    assertThat(ClipTextConfig.of(Vectors.load("text-tiny/clip"), 3, Activation.QUICK_GELU))
        .isEqualTo(CLIP);
    assertThat(T5Config.of(Vectors.load("text-tiny/t5-gated"), 128)).isEqualTo(T5_GATED);
    assertThat(T5Config.of(Vectors.load("text-tiny/t5-relu"), 128)).isEqualTo(T5_RELU);
    for (TextEncoderConfig config : List.of(CLIP, T5_GATED, T5_RELU)) {
      assertThat(TextEncoderConfig.fromProperties(config.toProperties())).isEqualTo(config);
      assertThat(TextEncoder.of(config).config()).isEqualTo(config);
    }
  }

  @Test
  void publishedSizesHaveTheirPublishedParameterCounts() {
    assertThat(ClipTextConfig.vitL14().parameterCount()).isEqualTo(123_060_480);
    assertThat(T5Config.xxl().parameterCount()).isEqualTo(4_762_310_656L);
  }

  @Test
  void positionIdsAreIgnored() throws IOException {
    var tensors = new LinkedHashMap<>(Vectors.load("text-tiny/clip"));
    tensors.put("text_model.embeddings.position_ids", HostTensor.of(new long[11], 1, 11));
    var clip = new ClipTextEncoder(CLIP);
    assertIs(clip.forward(weights(clip, tensors), input("ids")), "clip_quick");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theTableOfT5MayHaveItsOtherNameOrBoth(boolean both) throws IOException {
    var tensors = new LinkedHashMap<>(Vectors.load("text-tiny/t5-relu"));
    tensors.put("encoder.embed_tokens.weight", get(tensors, "shared.weight"));
    if (!both) {
      tensors.remove("shared.weight");
    }
    assertThat(T5Config.of(tensors, 128)).isEqualTo(T5_RELU);
    var t5 = new T5Encoder(T5_RELU);
    assertIs(t5.forward(weights(t5, tensors), input("ids")), "t5_relu");
  }

  @Test
  void refusesForeignWeightsNumbersOutsideOfTheVocabularyAndTextsThatAreTooLong()
      throws IOException {
    var clip = new ClipTextEncoder(CLIP);
    assertThatThrownBy(() -> weights(clip, "t5-relu"))
        .hasMessageContaining("missing text_model.embeddings.token_embedding.weight");
    assertThatThrownBy(() -> ClipTextConfig.of(Map.of(), 3, Activation.GELU))
        .hasMessageContaining("token_embedding.weight is missing");
    Parameters p = weights(clip, "clip");
    NDArray outside = manager.create(new long[][] {{1, 40}});
    assertThatThrownBy(() -> clip.forward(p, outside)).hasMessageContaining("token id 40 not in");
    assertThatThrownBy(() -> clip.forward(p, input("long_ids")))
        .hasMessageContaining("must be [batch, 1 to 11]");
    var unknown = Map.of("family", "bert");
    assertThatThrownBy(() -> TextEncoderConfig.fromProperties(unknown))
        .hasMessageContaining("'bert' is not known");
  }

  private void assertIs(NDArray actual, String name) {
    assertClose(actual, get(outputs, name), TOLERANCE, TOLERANCE);
  }

  private Parameters weights(Model model, String name) throws IOException {
    return weights(model, Vectors.load("text-tiny/" + name));
  }

  private Parameters weights(Model model, Map<String, HostTensor> tensors) throws IOException {
    Path file = folder.resolve("text-" + tensors.size() + ".safetensors");
    new Safetensors(tensors, Map.of()).write(file);
    return Parameters.mapSafetensors(model, manager, file);
  }

  private NDArray input(String name) {
    return HostTensors.toArray(manager, get(inputs, name));
  }
}
