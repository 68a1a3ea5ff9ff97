package org.skerry.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlopsTest {
  /** Peebles and Xie, arXiv 2212.09748, table 4, in billions of multiply-adds. */
  @ParameterizedTest
  @CsvSource({
    "DiT-S/2, 6.06",
    "DiT-S/8, 0.36",
    "DiT-B/4, 5.56",
    "DiT-L/2, 80.71",
    "DiT-XL/2, 118.64"
  })
  void transformersCostWhatThePaperSays(String name, double published) {
    assertThat(Flops.forward(DitSize.published(name, 32)) / 2e9)
        .isCloseTo(published, withinPercentage(1.5));
  }

  @Test
  void aUNetsConvolutionsCountAtTheResolutionTheyWorkAt() {
    var network = new UNetConfig(3, 8, 8, 2, 32, 8, 10);
    double full =
        9 * (3 * 8) // in
            + 9 * (8 * 8 + 8 * 8) // down.0
            + 9 * (24 * 8 + 8 * 8)
            + 24 * 8 // up.0 and its skip
            + 9 * (8 * 3); // out
    double half = 9 * (8 * 16) + 4 * 9 * (16 * 16); // downsample.0, mid.0 and mid.1
    double once = 256 * 32 + 32 * 32 + 32 * (16 + 32 + 32 + 16);
    assertThat(Flops.forward(network)).isCloseTo(2 * (64 * full + 16 * half + once), within(0.5));
    assertThat(Flops.training(network)).isEqualTo(3 * Flops.forward(network));
  }

  @Test
  void aClassifierOnTheWayDownCostsLessThanItsUNetAndAParisRouterIsRefused() {
    assertThat(Flops.forward(new UNetClassifierConfig(3, 16, 32, 3, 128, 8, 4)))
        .isLessThan(Flops.forward(UNetConfig.small(3, 16)) / 2);
    var router = new ParisRouterConfig(4, 32, 2, 64, 2, 4, 256, 4);
    assertThatThrownBy(() -> Flops.forward(router)).hasMessageContaining("not trained here");
  }
}
