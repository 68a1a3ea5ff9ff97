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
        DitSize.B.config(DitConvention.SIT, 4, 3, 64, 0, false),
        new DitClassifierConfig(4, 32, 2, 96, 2, 4, 384, 8),
        ParisExpertConfig.published(),
        ParisRouterConfig.published());
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

  /** Table 4 of arXiv 2212.09748, in millions; the table of positions, which is fixed, left out. */
  @ParameterizedTest
  @CsvSource({
    "DiT-S/8, 33",
    "DiT-S/4, 33",
    "DiT-S/2, 33",
    "DiT-B/8, 131",
    "DiT-B/4, 130",
    "DiT-B/2, 130",
    "DiT-L/8, 459",
    "DiT-L/4, 458",
    "DiT-L/2, 458",
    "DiT-XL/8, 676",
    "DiT-XL/4, 675",
    "DiT-XL/2, 675",
    "SiT-S/2, 33",
    "SiT-B/2, 130",
    "SiT-L/2, 458",
    "SiT-XL/2, 675",
  })
  void publishedSizesHaveTheirPublishedParameterCounts(String name, int millions) {
    long count =
        DitSize.published(name, 32).parameters().stream()
            .filter(ParameterSpec::trainable)
            .mapToLong(ParameterSpec::size)
            .sum();
    assertThat(Math.round(count / 1e6)).isEqualTo(millions);
  }

  @Test
  void largestPublishedDitHasAsManyParametersAsItsAuthorsLogged() {
    assertThat(DitSize.published("DiT-XL/2", 32).parameterCount()).isEqualTo(675_129_632);
  }

  @Test
  void everyPublishedNameHasANetworkAndOthersAreToldTheNames() {
    assertThat(DitSize.publishedNames()).hasSize(24);
    for (String name : DitSize.publishedNames()) {
      DitConfig config = DitSize.published(name, 64);
      assertThat(config.learnSigma()).isTrue();
      assertThat(config.nullLabel()).isEqualTo(1000);
      assertThat(config.convention())
          .isEqualTo(name.startsWith("SiT") ? DitConvention.SIT : DitConvention.DIT);
    }
    assertThatThrownBy(() -> DitSize.published("DiT-H/14", 32))
        .hasMessageContaining("'DiT-H/14' was not published")
        .hasMessageContaining("SiT-XL/2");
  }

  @Test
  void everyReaderHasANetworkAndOthersAreToldTheNames() {
    assertThat(DitSize.reader("Paris-XL/2", 4, 32, 768)).isEqualTo(ParisExpertConfig.published());
    for (String name : DitSize.readerNames()) {
      assertThat(DitSize.isReader(name)).isTrue();
      assertThat(DitSize.reader(name, 3, 32, 48).textWidth()).isEqualTo(48);
    }
    assertThat(DitSize.reader("Paris-XXS/2", 3, 16, 32).parameterCount()).isLessThan(1_000_000);
    assertThat(DitSize.isReader("DiT-S/2")).isFalse();
    assertThat(DitSize.readerNames().stream().filter(DitSize::isSmall))
        .hasSize(6)
        .allMatch(name -> name.startsWith("Paris-X"));
    assertThatThrownBy(() -> DitSize.reader("Paris-H/2", 3, 32, 48))
        .hasMessageContaining("'Paris-H/2' is no model that reads")
        .hasMessageContaining("Paris-XXS/2");
  }

  @Test
  void refusesAConventionThatNobodyKnows() {
    Map<String, String> properties =
        new LinkedHashMap<>(DitSize.published("SiT-S/8", 32).toProperties());
    assertThat(properties).containsEntry("convention", "sit");
    properties.put("convention", "mmdit");
    assertThatThrownBy(() -> NetworkConfig.fromProperties(properties))
        .hasMessageContaining("convention is 'mmdit', not one of [dit, sit]");
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
