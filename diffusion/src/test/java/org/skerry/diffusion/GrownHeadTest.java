package org.skerry.diffusion;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.diffusion.safetensors.HostTensor;

class GrownHeadTest {
  private static Network classifier(String family, int classes) {
    return Network.of(
        family.equals("unet")
            ? new UNetClassifierConfig(1, 8, 8, 2, 16, 4, classes)
            : new DitClassifierConfig(1, 8, 4, 16, 2, 2, 32, classes));
  }

  @ParameterizedTest
  @ValueSource(strings = {"unet", "dit"})
  void newClassesBeginAsTheMeanOfTheOldOnesAndTheRestStaysAsItWas(String family) {
    Map<String, HostTensor> narrow = Parameters.initialTensors(classifier(family, 3), 1);
    Network wide = classifier(family, 5);
    Map<String, HostTensor> grown = GrownHead.of(wide, narrow, 7);

    assertThat(grown).hasSameSizeAs(narrow);
    String head = family.equals("unet") ? "head.weight" : "final_layer.linear.weight";
    assertThat(grown.keySet().stream().filter(n -> !tensor(grown, n).equals(tensor(narrow, n))))
        .containsExactlyInAnyOrder(head, head.replace("weight", "bias"));
    float[] before = tensor(narrow, head).floats();
    float[] after = tensor(grown, head).floats();
    assertThat(Arrays.copyOf(after, before.length)).containsExactly(before);
    int width = before.length / 3;
    double largest = 0;
    for (float value : before) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < width; i++) {
      double mean = (before[i] + before[width + i] + before[2 * width + i]) / 3.0;
      assertThat((double) after[3 * width + i]).isBetween(mean - largest / 2, mean + largest / 2);
      assertThat(after[3 * width + i])
          .as("classes of their own")
          .isNotEqualTo(after[4 * width + i]);
    }
    assertThat(GrownHead.of(wide, narrow, 7)).isEqualTo(grown);
  }

  private static HostTensor tensor(Map<String, HostTensor> tensors, String name) {
    return requireNonNull(tensors.get(name));
  }

  @Test
  void otherWeightsAreRefused() {
    Network wide = classifier("unet", 5);
    refused(wide, Parameters.initialTensors(classifier("dit", 3), 1), "there is no float32 tensor");
    refused(wide, Parameters.initialTensors(classifier("unet", 6), 1), "does not grow to [5, 16]");
    refused(wide, Parameters.initialTensors(classifier("unet", 1), 1), "does not grow to [5, 16]");
    Map<String, HostTensor> more =
        new LinkedHashMap<>(Parameters.initialTensors(classifier("unet", 3), 1));
    more.put("extra", HostTensor.of(new float[1], 1));
    refused(wide, more, "tensors, not");
  }

  private static void refused(Network wide, Map<String, HostTensor> narrow, String why) {
    assertThatThrownBy(() -> GrownHead.of(wide, narrow, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }
}
