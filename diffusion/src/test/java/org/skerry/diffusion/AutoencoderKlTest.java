package org.skerry.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.skerry.diffusion.Vectors.assertClose;
import static org.skerry.diffusion.Vectors.get;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.diffusion.AutoencoderKl.Posterior;
import org.skerry.diffusion.safetensors.ElementType;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.torch.HostTensors;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Torch;

/** Against diffusers' AutoencoderKL, at the tolerances its vectors name. */
class AutoencoderKlTest {
  private static final double ATOL = 5e-5;
  private static final double RTOL = 1e-5;
  private static final AutoencoderKlConfig CONFIG =
      new AutoencoderKlConfig(3, 4, List.of(32, 64), 1, 8, 0.18215);

  @TempDir Path folder;
  private final Map<String, HostTensor> inputs = Vectors.load("vae-tiny-encoder/inputs");
  private final Map<String, HostTensor> outputs = Vectors.load("vae-tiny-encoder/outputs");
  private final Map<String, HostTensor> decoderInputs = Vectors.load("vae-tiny/inputs");
  private final Map<String, HostTensor> decoderOutputs = Vectors.load("vae-tiny/outputs");
  private final AutoencoderKl codec = new AutoencoderKl(CONFIG);
  private final Map<String, HostTensor> weights = new LinkedHashMap<>();
  private NDManager manager;
  private Parameters parameters;

  @BeforeEach
  void load() throws IOException {
    weights.putAll(Vectors.load("vae-tiny-encoder/weights"));
    weights.putAll(Vectors.load("vae-tiny/weights"));
    manager = Torch.newManager();
    parameters = read(weights);
  }

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void encoderIsTheReferences() {
    Posterior posterior = codec.encode(parameters, input("image"));
    assertClose(posterior.mean(), get(outputs, "mean"), ATOL, RTOL);
    assertClose(posterior.logVariance(), get(outputs, "logvar"), ATOL, RTOL);
    assertClose(posterior.deviation(), get(outputs, "std"), ATOL, RTOL);
    assertClose(posterior.sample(input("noise")), get(outputs, "sample"), ATOL, RTOL);
    NDArray latents = codec.latents(parameters, input("image"), input("noise"));
    assertClose(latents, get(outputs, "latents"), ATOL, RTOL);
  }

  @Test
  void latentsWithoutNoiseAreScaledMeans() {
    NDArray latents = codec.latents(parameters, input("image"));
    assertClose(latents.div(0.18215), get(outputs, "mean"), ATOL, RTOL);
  }

  @Test
  void varianceIsClampedAsTheReferenceDoes() {
    Posterior probe = Posterior.of(input("probe_moments"));
    assertClose(probe.mean(), get(outputs, "probe_mean"), 0, 0);
    assertClose(probe.logVariance(), get(outputs, "probe_logvar"), 0, 0);
    assertClose(probe.deviation(), get(outputs, "probe_std"), ATOL, RTOL);
  }

  @Test
  void decoderIsTheReferences() {
    NDArray z = HostTensors.toArray(manager, get(decoderInputs, "z"));
    assertClose(codec.decode(parameters, z), get(decoderOutputs, "output"), ATOL, RTOL);
    NDArray latents = HostTensors.toArray(manager, get(decoderInputs, "latents"));
    NDArray pictures = codec.pictures(parameters, latents);
    assertClose(pictures, get(decoderOutputs, "output_from_latents"), ATOL, RTOL);
  }

  @Test
  void inputsSurviveACall() {
    NDArray image = input("image");
    NDArray latents = codec.latents(parameters, image);
    codec.pictures(parameters, latents);
    codec.decode(parameters, latents);
    assertThat(image.toFloatArray()).isEqualTo(get(inputs, "image").floats());
    assertThat(latents.getShape()).isEqualTo(new Shape(2, 4, 8, 8));
    assertThat(latents.toFloatArray()).hasSize(512);
  }

  @Test
  void groupNormIsTheReferences() {
    NDArray x = input("probe_group_norm");
    List<NDArray> p = parameters.layer("encoder.conv_norm_out");
    assertClose(Kernels.groupNorm(x, 8, p), get(outputs, "probe_group_norm"), ATOL, RTOL);
    NDArray y = HostTensors.toArray(manager, get(decoderInputs, "probe_group_norm"));
    List<NDArray> q = parameters.layer("decoder.conv_norm_out");
    assertClose(Kernels.groupNorm(y, 8, q), get(decoderOutputs, "probe_group_norm"), ATOL, RTOL);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readsTheOlderNamesOfTheAttention(boolean asConvolutions) throws IOException {
    Map<String, String> older =
        Map.of("to_q", "query", "to_k", "key", "to_v", "value", "to_out.0", "proj_attn");
    var legacy = new LinkedHashMap<String, HostTensor>();
    weights.forEach((name, tensor) -> {
      String renamed = name;
      for (var entry : older.entrySet()) {
        renamed = renamed.replace("." + entry.getKey() + ".", "." + entry.getValue() + ".");
      }
      boolean matrix = !renamed.equals(name) && name.endsWith("weight");
      legacy.put(
          renamed,
          asConvolutions && matrix
              ? new HostTensor(tensor.type(), List.of(64L, 64L, 1L, 1L), tensor.data())
              : tensor);
    });
    assertThat(legacy).containsKey("decoder.mid_block.attentions.0.proj_attn.bias");
    assertThat(read(legacy).snapshot()).isEqualTo(parameters.snapshot());
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"F16", "BF16"})
  void readsHalfPrecision(ElementType type) throws IOException {
    var halves = new LinkedHashMap<String, HostTensor>();
    weights.forEach((name, tensor) -> halves.put(name, halved(tensor, type)));
    Map<String, HostTensor> read = read(halves).snapshot();
    weights.forEach((name, tensor) -> {
      float[] whole = tensor.floats();
      float[] half = get(read, name).floats();
      for (int i = 0; i < whole.length; i++) {
        assertThat(half[i])
            .as(name)
            .isCloseTo(whole[i], within(0.01f * Math.abs(whole[i]) + 1e-6f));
      }
    });
  }

  /** Cuts the digits that the type has no room for. */
  private static HostTensor halved(HostTensor tensor, ElementType type) {
    float[] values = tensor.floats();
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      int bits = Float.floatToIntBits(value) >>> 16;
      bytes.putShort(type == ElementType.F16 ? Float.floatToFloat16(value) : (short) bits);
    }
    return new HostTensor(type, tensor.shape(), bytes.flip());
  }

  @Test
  void refusesBothNamesOfOneMatrix() {
    var both = new LinkedHashMap<>(weights);
    String name = "encoder.mid_block.attentions.0.";
    both.put(name + "query.weight", get(weights, name + "to_q.weight"));
    assertThatThrownBy(() -> read(both)).hasMessageContaining("unknown " + name + "query.weight");
  }

  @Test
  void shapeIsReadFromTheWeights() {
    assertThat(AutoencoderKlConfig.of(weights, 8, 0.18215)).isEqualTo(CONFIG);
    assertThatThrownBy(() -> AutoencoderKlConfig.of(Map.of(), 32, 1))
        .hasMessageContaining("encoder.conv_in.weight is missing")
        .hasMessageContaining("give the safetensors file");
    var hollow = new LinkedHashMap<>(weights);
    hollow.put("decoder.conv_in.weight", HostTensor.of(new float[0], 0, 1L << 40, 3, 3));
    assertThatThrownBy(() -> AutoencoderKlConfig.of(hollow, 32, 1))
        .hasMessageContaining("size of decoder.conv_in.weight 1099511627776 not in 1..4096");
  }

  @Test
  void publishedOneHasItsPublishedParameterCountAndHalvesThreeTimes() {
    AutoencoderKlConfig config = AutoencoderKlConfig.stableDiffusion();
    assertThat(config.parameterCount()).isEqualTo(83_653_863);
    assertThat(config.downsampling()).isEqualTo(8);
  }

  @Test
  void refusesPicturesWhoseSidesDoNotHalve() {
    NDArray odd = manager.zeros(new Shape(1, 3, 16, 15));
    assertThatThrownBy(() -> codec.encode(parameters, odd))
        .hasMessageContaining("sides that 2 divides, not (1, 3, 16, 15)");
  }

  private Parameters read(Map<String, HostTensor> tensors) throws IOException {
    Path file = folder.resolve("vae-" + tensors.size() + ".safetensors");
    new Safetensors(tensors, Map.of()).write(file);
    return Parameters.mapSafetensors(codec, manager, file);
  }

  private NDArray input(String name) {
    return HostTensors.toArray(manager, get(inputs, name));
  }
}
