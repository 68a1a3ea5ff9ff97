package org.skerry.trainer.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.trainer.clustering.ClusteringMethod;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ReadLimits;
import org.skerry.trainer.dataset.SampleFormat;
import org.skerry.trainer.dataset.WebDataset;
import org.skerry.trainer.features.FeatureTable;

class LatentsTest {
  private static final SampleFormat FORMAT = SampleFormat.latents(4, 2);
  private static final ImageSet PICTURES = BuiltInPictures.generate(60, 8, 1);

  @TempDir Path folder;

  /** Latent i is {@code sign · i} everywhere. */
  private static ImageSet latents(int sign) {
    ImageSet.Builder builder = new ImageSet.Builder(FORMAT);
    for (int i = 0; i < PICTURES.count(); i++) {
      float[] values = new float[FORMAT.values()];
      Arrays.fill(values, sign * (i + 1));
      builder.add(new ImageInfo(PICTURES.info(i).key(), null, i % 3), values);
    }
    return builder.build();
  }

  @Test
  void shardsHoldLatentsAndTheContactSheetThePictures() throws IOException {
    TaskSpec spec = new TaskSpec(1, 50, 0.1, 512, 7);
    Partitioning partitioning =
        Partitioning.of(FeatureTable.builtIn(PICTURES), ClusteringMethod.K_MEANS, spec);
    Latents latents = new Latents(latents(1), Optional.of(latents(-1)));

    PartitionLayout made =
        new TaskBuilder(spec)
            .build(
                PICTURES,
                Optional.of(latents),
                Optional.empty(),
                partitioning,
                folder.resolve("latents"))
            .partitions()
            .getFirst();
    PartitionLayout plain =
        new TaskBuilder(spec)
            .build(PICTURES, partitioning, folder.resolve("pixels"))
            .partitions()
            .getFirst();

    assertThat(made.contactSheet()).hasSameBinaryContentAs(plain.contactSheet());
    assertThat(made.trainingImages()).isEqualTo(2 * plain.trainingImages());
    assertThat(made.publicImages()).isEqualTo(plain.publicImages());
    ImageSet training = WebDataset.readShards(made.shards(), FORMAT, ReadLimits.DEFAULT).images();
    assertThat(training.count()).isEqualTo(made.trainingImages());
    assertThat(training.infos()).extracting(ImageInfo::key).doesNotHaveDuplicates();
    int half = training.count() / 2;
    for (int i = 0; i < half; i++) {
      assertThat(training.toFloats(half + i)[0]).isEqualTo(-training.toFloats(i)[0]);
      assertThat(training.info(half + i).key()).isEqualTo(training.info(i).key() + "-mirrored");
      assertThat(training.info(half + i).classId()).isEqualTo(training.info(i).classId());
    }
    ImageSet heldOut =
        WebDataset.readShards(List.of(made.secretValidation()), FORMAT, ReadLimits.DEFAULT)
            .images();
    for (float value : heldOut.toFloats()) {
      assertThat(value).isPositive();
    }
  }

  @Test
  void mirroringTwiceGivesTheSamePictures() {
    ImageSet once = PICTURES.mirrored();
    assertThat(once.valueAt(3, 1, 2, 0)).isEqualTo(PICTURES.valueAt(3, 1, 2, 7));
    assertThat(once.infos()).isEqualTo(PICTURES.infos());
    assertThat(once.mirrored().toFloats()).isEqualTo(PICTURES.toFloats());
  }

  @Test
  void refusesMirroredLatentsOfOtherImages() {
    Optional<ImageSet> fewer = Optional.of(latents(-1).select(0, 1));
    assertThatThrownBy(() -> new Latents(latents(1), fewer)).hasMessageContaining("2 mirrored");
  }
}
