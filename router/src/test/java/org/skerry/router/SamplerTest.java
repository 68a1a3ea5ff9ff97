package org.skerry.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
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

class SamplerTest {
  private static final float MEAN = 0.3f;
  private static final float DEVIATION = 0.5f;

  /** Towards a constant image of 0.25: one exact step or many end there. */
  private static final VelocityField STRAIGHT = (x, t) -> x.sub(0.25f).div(t.reshape(-1, 1, 1, 1));

  /** Exact velocities of data that is normal around {@code MEAN}, and where they lead noise. */
  private static final VelocityField NORMAL =
      (x, t) -> {
        NDArray time = t.reshape(-1, 1, 1, 1);
        NDArray toData = time.sub(1).neg();
        NDArray variance = toData.square().mul(DEVIATION * DEVIATION).add(time.square());
        NDArray slope = time.sub(toData.mul(DEVIATION * DEVIATION)).div(variance);
        return slope.mul(x.sub(toData.mul(MEAN))).sub(MEAN);
      };

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
      Images images = euler(steps, 4).sample(manager, STRAIGHT, 1, 4, 9, 3);
      for (float value : images.data()) {
        assertThat((double) value).isCloseTo(0.25, within(1e-5));
      }
    }
  }

  @Test
  void imageIsAFunctionOfSeedAndIndexAlone() {
    VelocityField still = (x, t) -> x.zerosLike();
    Images all = euler(2, 16).sample(manager, still, 3, 4, 5, 6);
    Images split = euler(2, 1).sample(manager, still, 3, 4, 5, 6);
    Images late = euler(2, 4).sample(manager, still, 3, 4, 5, 4, 2, Sampler.Progress.NONE);
    assertThat(split.data()).containsExactly(all.data());
    assertThat(late.data()).containsExactly(all.slice(4, 2).data());
    Images other = euler(2, 16).sample(manager, still, 3, 4, 6, 6);
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
      Images many = euler(3, 20).sample(manager, field, 3, 8, 1, 20);
      Images few = euler(3, 3).sample(manager, field, 3, 8, 1, 20);
      for (int i = 0; i < many.data().length; i++) {
        assertThat(few.data()[i]).isCloseTo(many.data()[i], within(1e-4f));
      }
    }
  }

  @Test
  void reportsEveryEvaluation() {
    List<String> heard = new ArrayList<>();
    euler(2, 2)
        .sample(manager, STRAIGHT, 1, 2, 1, 0, 3, (done, total) -> heard.add(done + "/" + total));
    assertThat(heard).containsExactly("1/4", "2/4", "3/4", "4/4");
  }

  private double error(Solver solver, int steps, double shift) {
    Images images =
        new Sampler(solver, new Schedule(steps, shift), 4).sample(manager, NORMAL, 1, 4, 3, 4);
    float[] noise = Sampler.noise(3, 0, 4, 16);
    double worst = 0;
    for (int i = 0; i < noise.length; i++) {
      worst = Math.max(worst, Math.abs(images.data()[i] - (MEAN + DEVIATION * noise[i])));
    }
    return worst;
  }

  @Test
  void eulersErrorHalvesAndTheOthersQuarterWithTheStep() {
    assertThat(error(Solver.EULER, 20, 1) / error(Solver.EULER, 40, 1)).isBetween(1.7, 2.4);
    assertThat(error(Solver.HEUN, 20, 1) / error(Solver.HEUN, 40, 1)).isGreaterThan(3);
    assertThat(error(Solver.DPM_2M, 80, 1) / error(Solver.DPM_2M, 160, 1)).isGreaterThan(3);
  }

  @Test
  void multistepIsNearerThanEulerForTheSameEvaluations() {
    for (double shift : new double[] {1, 3}) {
      assertThat(error(Solver.DPM_2M, 20, shift)).isLessThan(error(Solver.EULER, 20, shift) / 4);
    }
  }

  @Test
  void shiftMovesStepsTowardsTheNoise() {
    assertThat(new Schedule(4, 1).times()).containsExactly(1, 0.75, 0.5, 0.25, 0);
    assertThat(new Schedule(2, 3).times()).containsExactly(1, 0.75, 0);
    assertThat(new Schedule(4, 1).times(0.5)).containsExactly(0.5, 0.25, 0);
    assertThatThrownBy(() -> new Schedule(4, 0)).hasMessageContaining("shift 0.0");
    assertThatThrownBy(() -> Schedule.even(0)).hasMessageContaining("step count 0");
    assertThatThrownBy(() -> Schedule.even(4).times(0)).hasMessageContaining("strength 0.0");
  }

  @Test
  void aVariationStartsBetweenTheImageAndItsNoise() {
    VelocityField still = (x, t) -> x.zerosLike();
    Images images = new Images(2, 1, 2, new float[] {1, 2, 3, 4, 5, 6, 7, 8});
    Sampler sampler = new Sampler(Solver.HEUN, Schedule.even(4), 1);
    float[] noise = Sampler.noise(7, 5, 2, 4);
    Images varied = sampler.vary(manager, still, images, 0.5, 7, 5, Sampler.Progress.NONE);
    for (int i = 0; i < noise.length; i++) {
      assertThat(varied.data()[i]).isCloseTo((noise[i] + images.data()[i]) / 2, within(1e-6f));
    }
  }

  @Test
  void solversAreReadByTheNameTheyShow() {
    for (Solver solver : Solver.values()) {
      assertThat(Solver.parse(solver.text())).isEqualTo(solver);
    }
    assertThatThrownBy(() -> Solver.parse("ddim")).hasMessageContaining("euler, heun, dpm-2m");
  }

  @Test
  void heunReportsBothEvaluationsOfAStep() {
    List<String> heard = new ArrayList<>();
    new Sampler(Solver.HEUN, Schedule.even(2), 2)
        .sample(manager, STRAIGHT, 1, 2, 1, 0, 2, (done, total) -> heard.add(done + "/" + total));
    assertThat(heard).containsExactly("1/3", "2/3", "3/3");
  }

  @Test
  void leavesNothingBehind() {
    int before = manager.getManagedArrays().size();
    for (Solver solver : Solver.values()) {
      new Sampler(solver, Schedule.even(5), 2).sample(manager, STRAIGHT, 1, 2, 1, 4);
    }
    assertThat(manager.getManagedArrays()).hasSize(before);
  }

  private static float[] filled(int count) {
    float[] out = new float[count];
    Arrays.fill(out, 0.05f);
    return out;
  }

  private static Sampler euler(int steps, int batch) {
    return new Sampler(Solver.EULER, Schedule.even(steps), batch);
  }
}
