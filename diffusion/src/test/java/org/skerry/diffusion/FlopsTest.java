package org.skerry.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
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
  void aClassifierOnTheWayDownCostsLessThanItsUNet() {
    assertThat(Flops.forward(new UNetClassifierConfig(3, 16, 32, 3, 128, 8, 4)))
        .isLessThan(Flops.forward(UNetConfig.small(3, 16)) / 2);
  }

  /**
   * A block of a Paris router is DiT's; an expert's modulation is shared, and it reads 77 tokens.
   */
  @Test
  void networksOfParisCostWhatTheirBlocksDo() {
    double dit = Flops.forward(new DitClassifierConfig(4, 32, 2, 768, 12, 12, 3072, 8));
    assertThat(Flops.forward(ParisRouterConfig.published())).isCloseTo(dit, withinPercentage(1));
    var expert = new ParisExpertConfig(4, 8, 2, 8, 1, 2, 32, 16);
    double patches = 16;
    double perPatch =
        16 * 8 // patch_embed
            + 4 * 8 * 8 // attn
            + 2 * 8 * 8 // cross_attn: queries and what goes out
            + 2 * 8 * 32 // mlp
            + 8 * 16; // final_layer
    double perToken = 16 * 8 + 2 * 8 * 8; // text_proj, keys and values
    double once = 256 * 8 + 8 * 8 + 8 * 48;
    double attention = 2 * patches * (patches + 77) * 8;
    assertThat(Flops.forward(expert))
        .isCloseTo(2 * (patches * perPatch + 77 * perToken + once + attention), within(0.5));
  }
}
