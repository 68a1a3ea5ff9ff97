package org.skerry.diffusion;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.LinkedHashMap;
import java.util.Map;

class NetworkConfigFuzzTest {
  /** A key and a value a line. */
  @FuzzTest
  void properties(byte[] in) {
    Map<String, String> properties = new LinkedHashMap<>();
    for (String line : new String(in, UTF_8).split("\n")) {
      String[] parts = line.split("=", 2);
      properties.put(parts[0], parts.length < 2 ? "" : parts[1]);
    }
    NetworkConfig config;
    try {
      config = NetworkConfig.fromProperties(properties);
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotEmpty();
      return;
    }
    assertThat(config.parameterCount()).isBetween(1L, NetworkConfig.MAX_PARAMETERS);
    assertThat(NetworkConfig.fromProperties(config.toProperties())).isEqualTo(config);
  }
}
