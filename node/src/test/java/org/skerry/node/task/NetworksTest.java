package org.skerry.node.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.board.document.ModelFamily;
import org.skerry.board.document.ModelSpec;
import org.skerry.diffusion.DitClassifierConfig;
import org.skerry.diffusion.DitSize;
import org.skerry.diffusion.Flops;
import org.skerry.diffusion.ParisRouterConfig;

class NetworksTest {
  @Test
  void expressesThePublishedTransformers() {
    ModelSpec sit = new ModelSpec(ModelFamily.SIT, 32, 4, 1152, 28, 16, 2, 1000, true);
    assertThat(Networks.expert(sit)).isEqualTo(DitSize.published("SiT-XL/2", 32));
    ModelSpec dit = new ModelSpec(ModelFamily.DIT, 32, 4, 768, 12, 12, 4, 1000, true);
    assertThat(Networks.expert(dit)).isEqualTo(DitSize.published("DiT-B/4", 32));
  }

  @Test
  void routersOfBothTransformersAreTheSame() {
    var expected = new DitClassifierConfig(4, 32, 2, 384, 12, 6, 1536, 8);
    for (ModelFamily family : new ModelFamily[] {ModelFamily.DIT, ModelFamily.SIT}) {
      ModelSpec spec = new ModelSpec(family, 32, 4, 384, 12, 6, 2, 0);
      assertThat(Networks.router(spec, 8)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"DiT-S/2", "DiT-B/2", "DiT-L/2", "DiT-XL/2", "SiT-B/4", "SiT-XL/4"})
  void aRouterCostsAFewPercentOfAnExpert(String name) {
    ModelSpec expert = Transformers.expert(name, 32, 4, 0, 0);
    double share =
        Flops.forward(Networks.router(Transformers.router(expert), 8))
            / Flops.forward(Networks.expert(expert));
    assertThat(share).isBetween(0.01, 0.08);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Paris-XXS/2", "Paris-XS/2", "Paris-S/2", "Paris-XL/2"})
  void aModelThatReadsHasARouterThatDoesNot(String name) {
    ModelSpec expert = Transformers.expert(name, 32, 4, 0, 768);
    assertThat(Networks.expert(expert)).isEqualTo(DitSize.reader(name, 4, 32, 768));
    var router = (ParisRouterConfig) Networks.router(Transformers.router(expert), 8);
    assertThat(Flops.forward(router)).isLessThan(Flops.forward(Networks.expert(expert)) / 4);
    assertThat(router.classes()).isEqualTo(8);
  }

  @Test
  void aRouterOfFewPatchesHasThoseOfItsExperts() {
    ModelSpec expert = Transformers.expert("DiT-S/4", 16, 3, 0, 0);
    assertThat(Transformers.router(expert).patch()).isEqualTo(4);
    assertThat(Transformers.router(Transformers.expert("DiT-S/2", 16, 3, 0, 0)).patch())
        .isEqualTo(4);
  }
}
