package org.skerry.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BuiltInPicturesTest {
  @Test
  void drawsTheSamePicturesForTheSameSeedAndOthersForAnother() {
    float[] first = BuiltInPictures.generate(16, 16, 1).toFloats();
    assertThat(BuiltInPictures.generate(16, 16, 1).toFloats()).isEqualTo(first);
    assertThat(BuiltInPictures.generate(16, 16, 2).toFloats()).isNotEqualTo(first);
  }

  @Test
  void labelsEveryPictureWithItsFamily() {
    ImageSet images = BuiltInPictures.generate(10, 16, 1);
    assertThat(images.info(1))
        .isEqualTo(new ImageInfo("picture000001", PictureFamily.BOAT.caption(), 1));
    assertThat(images.info(8).classId()).isEqualTo(0);
  }
}
