package org.skerry.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class NetworkConfigTest {
  static Stream<NetworkConfig> configs() {
    return Stream.of(
        UNetConfig.small(3, 16),
        UNetClassifierConfig.small(3, 32, 8),
        new DitConfig(4, 32, 2, 384, 12, 6, 1536, 1000, true),
        new DitClassifierConfig(4, 32, 2, 96, 2, 4, 384, 8));
  }

  @ParameterizedTest
  @MethodSource("configs")
  void propertiesAreReadBack(NetworkConfig config) {
    assertThat(NetworkConfig.fromProperties(config.toProperties())).isEqualTo(config);
  }

  @ParameterizedTest
  @MethodSource("configs")
  void parameterNamesAreUnique(NetworkConfig config) {
    assertThat(config.parameters()).extracting(ParameterSpec::name).doesNotHaveDuplicates();
  }

  @Test
  void publishedDitSizesHaveTheirPublishedParameterCounts() {
    assertThat(new DitConfig(4, 32, 2, 384, 12, 6, 1536, 1000, true).parameterCount())
        .isBetween(32_900_000L, 33_200_000L);
    assertThat(new DitConfig(4, 32, 2, 1152, 28, 16, 4608, 1000, true).parameterCount())
        .isBetween(675_000_000L, 676_000_000L);
  }

  @ParameterizedTest
  @CsvSource({
    "width, 33, does not divide",
    "width, -1, not in 1..1024",
    "width, 999999999999, not a whole number",
    "levels, 7, not in 1..6",
    "imageSize, 18, does not divide",
    "family, gan, not known",
    "colour, red, unknown keys",
  })
  void refusesWhatIsOutOfRangeOrUnknown(String key, String value, String message) {
    Map<String, String> properties = new LinkedHashMap<>(UNetConfig.small(3, 16).toProperties());
    properties.put(key, value);
    assertThatThrownBy(() -> NetworkConfig.fromProperties(properties))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void refusesWhatIsMissing() {
    Map<String, String> properties = new LinkedHashMap<>(UNetConfig.small(3, 16).toProperties());
    properties.remove("groups");
    assertThatThrownBy(() -> NetworkConfig.fromProperties(properties))
        .hasMessageContaining("lacks 'groups'");
  }

  @Test
  void refusesANetworkThatNoMachineHolds() {
    var config = new DitConfig(4, 32, 2, 16_384, 256, 16, 65_536, 0, false);
    assertThatThrownBy(() -> NetworkConfig.fromProperties(config.toProperties()))
        .hasMessageContaining("more than 8000000000");
  }
}
