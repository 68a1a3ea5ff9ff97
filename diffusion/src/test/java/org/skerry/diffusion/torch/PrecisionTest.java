package org.skerry.diffusion.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.skerry.diffusion.SeededRandom;

class PrecisionTest {
  private final NDManager manager = Torch.newManager();

  @AfterEach
  void free() {
    manager.close();
  }

  /** DJL reads every type but bfloat16: UNKNOWN is that. */
  @ParameterizedTest
  @CsvSource({
    "FLOAT32, FLOAT32, FLOAT32",
    "BFLOAT16, BFLOAT16, UNKNOWN",
    "BFLOAT16, FLOAT32, UNKNOWN",
    "FLOAT16, FLOAT32, FLOAT16"
  })
  void productsAndAttentionComeOutInThePrecision(
      Precision precision, Precision arithmetic, DataType expected) {
    TorchScript script = Kernels.script(precision, arithmetic);
    NDArray linear = script.call("linear", new NDList(values(4, 8), values(6, 8), values(6)));
    NDArray heads = values(1, 2, 3, 4);
    NDArray attention = script.call("attend", new NDList(heads, heads, heads));
    assertThat(linear.getDataType()).isEqualTo(expected);
    assertThat(attention.getDataType()).isEqualTo(expected);
  }

  @Test
  void roundedOperandsMultipliedInFloat32AreTheFormatsOwnProducts() {
    NDList arguments = new NDList(values(5, 64), values(32, 64), values(32));
    NDArray own = linear(Precision.BFLOAT16, Precision.BFLOAT16, arguments);
    NDArray rounded = linear(Precision.BFLOAT16, Precision.FLOAT32, arguments);
    NDArray exact = linear(Precision.FLOAT32, Precision.FLOAT32, arguments);
    double largest = exact.abs().max().getFloat();
    // A sum that lies between two numbers of the format may go to either.
    assertThat((double) own.sub(rounded).abs().max().getFloat()).isLessThan(largest / 128);
    assertThat((double) own.sub(rounded).abs().mean().getFloat()).isLessThan(largest / 4096);
    assertThat((double) rounded.sub(exact).abs().max().getFloat())
        .isBetween(largest / 4096, largest / 32);
  }

  private static NDArray linear(Precision precision, Precision arithmetic, NDList arguments) {
    TorchScript script = Kernels.script(precision, arithmetic);
    return script.call("full", new NDList(script.call("linear", arguments)));
  }

  @ParameterizedTest
  @CsvSource({"BFLOAT16, 16", "FLOAT16, 13"})
  void aConvolutionsResultIsRoundedButOfFloat32(Precision precision, int spareBits) {
    NDArray x = values(2, 3, 8, 8);
    List<NDArray> p = List.of(parameter(values(4, 3, 3, 3)), parameter(values(4)));
    NDArray low = precision.in(() -> Kernels.convolve(x, p));
    NDArray full = Kernels.convolve(x, p);
    assertThat(low.getDataType()).isEqualTo(DataType.FLOAT32);
    int spare = 0;
    for (float value : full.toFloatArray()) {
      spare |= Float.floatToRawIntBits(value) & ((1 << spareBits) - 1);
    }
    assertThat(spare).isNotZero();
    for (float value : low.toFloatArray()) {
      assertThat(Float.floatToRawIntBits(value) & ((1 << spareBits) - 1)).isZero();
    }
    assertThat(low.toFloatArray()).containsExactly(full.toFloatArray(), within(0.2f));
  }

  @Test
  void holdsInItsScopeOnly() {
    Precision.BFLOAT16.in(() -> {
      assertThat(Precision.current()).isEqualTo(Precision.BFLOAT16);
      Precision inner = Precision.FLOAT32.in(Precision::current);
      assertThat(inner).isEqualTo(Precision.FLOAT32);
      return Precision.current();
    });
    assertThat(Precision.current()).isEqualTo(Precision.FLOAT32);
  }

  @Test
  void aProcessorSaysWhetherItHasInstructionsForTheFormat() {
    assertThat(Processor.hasBfloat16(List.of("avx2", "f16c"))).isFalse();
    assertThat(Processor.hasBfloat16(List.of("avx2", "avx512_bf16"))).isTrue();
    assertThat(Processor.flags(Path.of("/nowhere"))).isEmpty();
  }

  private NDArray values(long... shape) {
    Shape all = new Shape(shape);
    return manager.create(SeededRandom.of(5, shape).gaussians((int) all.size()), all);
  }

  private static NDArray parameter(NDArray array) {
    array.setName(Kernels.PARAMETER);
    return array;
  }
}
