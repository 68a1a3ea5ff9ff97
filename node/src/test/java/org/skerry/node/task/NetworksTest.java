package org.skerry.node.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.skerry.board.document.ModelFamily;
import org.skerry.board.document.ModelSpec;
import org.skerry.diffusion.DitClassifierConfig;
import org.skerry.diffusion.DitSize;

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
}
