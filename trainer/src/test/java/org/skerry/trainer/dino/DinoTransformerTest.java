package org.skerry.trainer.dino;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageSet;

class DinoTransformerTest {
  private static final int D = 128;
  private static final int PATCH = 4;
  private static final int INNER = 96;
  private static final int BICUBIC = 3;

  @TempDir Path folder;

  /** A small model under the published names, with a grid of {@code grid} patches a side. */
  private static Map<String, HostTensor> model(int grid, int registers, boolean gated) {
    SplittableRandom random = new SplittableRandom(7);
    Map<String, HostTensor> out = new LinkedHashMap<>();
    put(out, random, "cls_token", 1, 1, D);
    put(out, random, "pos_embed", 1, 1 + (long) grid * grid, D);
    put(out, random, "mask_token", 1, D);
    if (registers > 0) {
      put(out, random, "register_tokens", 1, registers, D);
    }
    put(out, random, "patch_embed.proj.weight", D, 3, PATCH, PATCH);
    put(out, random, "patch_embed.proj.bias", D);
    for (int i = 0; i < 2; i++) {
      String block = "blocks." + i + ".";
      for (String norm : new String[] {"norm1", "norm2"}) {
        put(out, random, block + norm + ".weight", D);
        put(out, random, block + norm + ".bias", D);
      }
      put(out, random, block + "attn.qkv.weight", 3 * D, D);
      put(out, random, block + "attn.qkv.bias", 3 * D);
      put(out, random, block + "attn.proj.weight", D, D);
      put(out, random, block + "attn.proj.bias", D);
      put(out, random, block + "ls1.gamma", D);
      put(out, random, block + "ls2.gamma", D);
      put(out, random, block + (gated ? "mlp.w12.weight" : "mlp.fc1.weight"), INNER, D);
      put(out, random, block + (gated ? "mlp.w12.bias" : "mlp.fc1.bias"), INNER);
      put(out, random, block + (gated ? "mlp.w3.weight" : "mlp.fc2.weight"), D, gated ? 48 : INNER);
      put(out, random, block + (gated ? "mlp.w3.bias" : "mlp.fc2.bias"), D);
    }
    put(out, random, "norm.weight", D);
    put(out, random, "norm.bias", D);
    return out;
  }

  private static void put(
      Map<String, HostTensor> to, SplittableRandom random, String name, long... shape) {
    int count = 1;
    for (long side : shape) {
      count *= (int) side;
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (0.2 * random.nextGaussian());
    }
    to.put(name, HostTensor.of(values, shape));
  }

  private Path write(Map<String, HostTensor> tensors) throws IOException {
    Path file = folder.resolve("dino.safetensors");
    new Safetensors(tensors, Map.of()).write(file);
    return file;
  }

  @ParameterizedTest(name = "{0} registers, gated {1}")
  @CsvSource({"0, false", "4, false", "0, true", "2, true"})
  void computesWhatPlainLoopsCompute(int registers, boolean gated) throws IOException {
    // Images of 32 pixels in 8 patches of 4: neither pictures nor places are resized.
    Map<String, HostTensor> tensors = model(8, registers, gated);
    ImageSet images = BuiltInPictures.generate(3, 32, 1);
    try (DinoTransformer model = DinoTransformer.open(write(tensors))) {
      assertThat(model.name()).isEqualTo("dinov2-128x2");
      float[][] found = model.features(images, 2, 0);
      for (int i = 0; i < 2; i++) {
        double[] expected = new PlainDino(tensors, registers, gated).features(images, 2 - 2 * i);
        for (int j = 0; j < D; j++) {
          assertThat((double) found[i][j]).isCloseTo(expected[j], within(2e-4));
        }
      }
    }
  }

  @Test
  void imagesAndGridsOfOtherSizesHaveFeaturesToo() throws IOException {
    ImageSet images = BuiltInPictures.generate(2, 16, 1);
    for (int registers : new int[] {0, 1}) {
      try (DinoTransformer model = DinoTransformer.open(write(model(5, registers, false)))) {
        float[][] found = model.features(images, 0, 1);
        assertThat(found[0]).hasSize(D).doesNotContain(Float.NaN).isNotEqualTo(found[1]);
      }
    }
    assertThat(DinoTransformer.grid(16)).isEqualTo(8);
    assertThat(DinoTransformer.grid(48)).isEqualTo(12);
    assertThat(DinoTransformer.grid(256)).isEqualTo(16);
  }

  @ParameterizedTest(name = "{0} to {1}")
  @CsvSource({"5, 8", "37, 16", "16, 5", "8, 112"})
  void resizesAsLibtorchDoesWithAntialiasing(int from, int to) {
    SplittableRandom random = new SplittableRandom(from);
    float[] plane = new float[from * from];
    for (int i = 0; i < plane.length; i++) {
      plane[i] = (float) random.nextGaussian();
    }
    float[] found = new BicubicResize(from, to, (double) from / to, true).resize(plane);
    try (NDManager manager = Torch.newManager()) {
      PtNDArray array = (PtNDArray) manager.create(plane, new Shape(1, 1, from, from));
      float[] expected =
          JniUtils.interpolate(array, new long[] {to, to}, BICUBIC, false).toFloatArray();
      assertThat(found).hasSameSizeAs(expected);
      for (int i = 0; i < found.length; i++) {
        assertThat(found[i]).isCloseTo(expected[i], within(2e-4f));
      }
    }
  }

  @Test
  void withoutAntialiasingHalfwayWeightsAreThoseOfKeys() {
    float[] plane = {1, 2, 5, 7, 1, 2, 5, 7, 1, 2, 5, 7, 1, 2, 5, 7};
    float left = 0.5f * 1 + 0.59375f * 2 - 0.09375f * 5;
    float right = -0.09375f * 2 + 0.59375f * 5 + 0.5f * 7;
    assertThat(new BicubicResize(4, 2, 2, false).resize(plane))
        .containsExactly(new float[] {left, right, left, right}, within(1e-5f));
  }

  @ParameterizedTest(name = "registers {0}")
  @CsvSource({"false", "true"})
  void positionsAreReadWhereThePublishedModelsReadThem(boolean registers) {
    int from = 37;
    int to = 16;
    float[] table = new float[1 + from * from];
    table[0] = 9;
    for (int i = 0; i < from * from; i++) {
      table[1 + i] = i % from;
    }
    float[] found = DinoTransformer.positions(table, 1, from, to, registers);
    assertThat(found).hasSize(1 + to * to);
    assertThat(found[0]).isEqualTo(9);
    // Keys' cubic with a = -0.75 is off a straight line by up to 0.048; the offset of 0.1 moves the
    // last places by 0.2.
    for (int x = 2; x < to - 2; x++) {
      double place = (x + 0.5) * from / (registers ? to : to + 0.1) - 0.5;
      assertThat((double) found[1 + 5 * to + x]).isCloseTo(place, within(0.05));
    }
    assertThat(DinoTransformer.positions(table, 1, from, from, registers)).isEqualTo(table);
  }

  @Test
  void listsWhatIsMissingUnknownOrOfAnotherShape() throws IOException {
    Map<String, HostTensor> tensors = model(8, 0, false);
    tensors.remove("blocks.1.ls2.gamma");
    tensors.put("head.weight", HostTensor.of(new float[4], 2, 2));
    tensors.put("norm.bias", HostTensor.of(new float[5], 5));
    Path file = write(tensors);
    assertThatThrownBy(() -> DinoTransformer.open(file))
        .isInstanceOfSatisfying(
            TrainerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_FEATURES))
        .hasMessageContainingAll(
            file.toString(),
            "missing blocks.1.ls2.gamma",
            "unknown head.weight",
            "norm.bias is [5], not [128]");
    tensors.remove("pos_embed");
    Path other = write(tensors);
    assertThatThrownBy(() -> DinoTransformer.open(other)).hasMessageContaining("missing pos_embed");
    assertThatThrownBy(() -> DinoTransformer.open(folder.resolve("none")))
        .hasMessageContaining("no such file");
  }
}
