package org.skerry.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.UNetConfig;
import org.skerry.diffusion.VelocityField;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Torch;

class EulerSamplerTest {
  /** Towards a constant image of 0.25: one exact step or many end there. */
  private static final VelocityField STRAIGHT = (x, t) -> x.sub(0.25f).div(t.reshape(-1, 1, 1, 1));

  private NDManager manager;

  @BeforeEach
  void create() {
    manager = Torch.newManager();
  }

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void straightPathsEndAtTheirDataWhateverTheStepCount() {
    for (int steps : new int[] {1, 7}) {
      Images images = new EulerSampler(steps, 4).sample(manager, STRAIGHT, 1, 4, 9, 3);
      for (float value : images.data()) {
        assertThat((double) value).isCloseTo(0.25, within(1e-5));
      }
    }
  }

  @Test
  void imageIsAFunctionOfSeedAndIndexAlone() {
    VelocityField still = (x, t) -> x.zerosLike();
    Images all = new EulerSampler(2, 16).sample(manager, still, 3, 4, 5, 6);
    Images split = new EulerSampler(2, 1).sample(manager, still, 3, 4, 5, 6);
    Images late = new EulerSampler(2, 4).sample(manager, still, 3, 4, 5, 4, 2, (done, total) -> {});
    assertThat(split.data()).containsExactly(all.data());
    assertThat(late.data()).containsExactly(all.slice(4, 2).data());
    Images other = new EulerSampler(2, 16).sample(manager, still, 3, 4, 6, 6);
    assertThat(other.data()).isNotEqualTo(all.data());
  }

  @Test
  void networksImageDoesNotDependOnTheBatchAroundIt() {
    Network network = Network.of(new UNetConfig(3, 8, 8, 2, 16, 4, 0));
    var tensors = Parameters.initialTensors(network, 2);
    // The last convolution starts at zero; give it something to say.
    tensors.put("out.weight", HostTensor.of(filled(3 * 8 * 9), 3, 8, 3, 3));
    try (Parameters p = Parameters.from(network, tensors, manager)) {
      VelocityField field = network.field(p);
      Images many = new EulerSampler(3, 20).sample(manager, field, 3, 8, 1, 20);
      Images few = new EulerSampler(3, 3).sample(manager, field, 3, 8, 1, 20);
      for (int i = 0; i < many.data().length; i++) {
        assertThat(few.data()[i]).isCloseTo(many.data()[i], within(1e-4f));
      }
    }
  }

  @Test
  void reportsEveryEvaluation() {
    List<String> heard = new ArrayList<>();
    new EulerSampler(2, 2)
        .sample(manager, STRAIGHT, 1, 2, 1, 0, 3, (done, total) -> heard.add(done + "/" + total));
    assertThat(heard).containsExactly("1/4", "2/4", "3/4", "4/4");
  }

  @Test
  void leavesNothingBehind() {
    int before = manager.getManagedArrays().size();
    new EulerSampler(5, 2).sample(manager, STRAIGHT, 1, 2, 1, 4);
    assertThat(manager.getManagedArrays()).hasSize(before);
  }

  private static float[] filled(int count) {
    float[] out = new float[count];
    Arrays.fill(out, 0.05f);
    return out;
  }
}
