package org.skerry.diffusion;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;

/** Reference vectors from test resources. */
public final class Vectors {
  private Vectors() {}

  public static Path path(String name) {
    try {
      URL url = Vectors.class.getResource("/vectors/" + name + ".safetensors");
      return Path.of(Objects.requireNonNull(url, name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  public static Map<String, HostTensor> load(String name) {
    try {
      return Safetensors.map(path(name)).tensors();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public static HostTensor get(Map<String, HostTensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  public static void assertClose(NDArray actual, HostTensor expected, double atol, double rtol) {
    assertThat(actual.getShape().getShape())
        .containsExactly(expected.shape().stream().mapToLong(Long::longValue).toArray());
    float[] got = actual.toFloatArray();
    float[] want = expected.floats();
    for (int i = 0; i < want.length; i++) {
      assertThat(Math.abs((double) got[i] - want[i]))
          .as("element %d: %s, expected %s", i, got[i], want[i])
          .isLessThanOrEqualTo(atol + rtol * Math.abs(want[i]));
    }
  }
}
