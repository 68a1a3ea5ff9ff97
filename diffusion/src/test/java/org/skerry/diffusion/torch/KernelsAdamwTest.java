package org.skerry.diffusion.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.skerry.diffusion.Vectors.assertClose;
import static org.skerry.diffusion.Vectors.get;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.skerry.diffusion.Vectors;
import org.skerry.diffusion.safetensors.HostTensor;

/** Against five steps of torch.optim.AdamW after clip_grad_norm_. */
class KernelsAdamwTest {
  private static final List<String> NAMES = List.of("a", "b", "c");
  private final Map<String, HostTensor> inputs = Vectors.load("adamw/inputs");
  private final Map<String, HostTensor> outputs = Vectors.load("adamw/outputs");
  private final Map<String, HostTensor> weights = Vectors.load("adamw/weights");

  @Test
  void fiveStepsAreTheReferences() {
    try (NDManager manager = Torch.newManager()) {
      List<NDArray> p = new ArrayList<>();
      List<NDArray> all = new ArrayList<>();
      for (String name : NAMES) {
        NDArray array = HostTensors.toArray(manager, get(weights, name)).duplicate();
        array.setRequiresGradient(true);
        p.add(named(array, Kernels.PARAMETER));
      }
      all.addAll(p);
      p.forEach(a -> all.add(named(manager.zeros(a.getShape()), Kernels.FIRST_MOMENT)));
      p.forEach(a -> all.add(named(manager.zeros(a.getShape()), Kernels.SECOND_MOMENT)));
      NDArray settings = manager.create(new double[] {1e-3, 0.9, 0.999, 0.01, 1e-8, 1, 1});
      NDArray count = manager.create(0f);
      for (int step = 1; step <= 5; step++) {
        String prefix = "step" + step + ".";
        accumulate(manager, p, prefix);
        List<NDArray> withGradients = new ArrayList<>(all);
        p.forEach(a -> withGradients.add(named(a.getGradient(), Kernels.GRADIENT)));
        NDArray norm =
            Torch.withoutGradients(() -> Kernels.adamw(settings, count, withGradients)).reshape(1);
        assertClose(norm, get(outputs, prefix + "grad_norm"), 0, 1e-6);
        for (int i = 0; i < 3; i++) {
          String name = NAMES.get(i);
          assertClose(p.get(i), get(outputs, prefix + "param." + name), 1e-6, 0);
          assertClose(all.get(3 + i), get(outputs, prefix + "exp_avg." + name), 1e-12, 1e-5);
          assertClose(all.get(6 + i), get(outputs, prefix + "exp_avg_sq." + name), 1e-12, 1e-5);
        }
      }
      assertThat(count.getFloat()).isEqualTo(5);
    }
  }

  private void accumulate(NDManager manager, List<NDArray> p, String prefix) {
    Torch.backward(
        manager,
        () -> {
          NDArray sum = manager.zeros(new Shape());
          for (int i = 0; i < 3; i++) {
            NDArray g = HostTensors.toArray(manager, get(inputs, prefix + "grad." + NAMES.get(i)));
            sum = sum.add(g.mul(p.get(i)).sum());
          }
          return sum;
        });
  }

  private static NDArray named(NDArray array, String name) {
    array.setName(name);
    return array;
  }
}
