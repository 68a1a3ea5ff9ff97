package org.skerry.trainer.partition;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.clustering.ClusteringMethod;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ReadLimits;
import org.skerry.trainer.dataset.WebDataset;
import org.skerry.trainer.features.FeatureTable;
import org.skerry.trainer.text.TextTable;

class TaskBuilderTest {
  private static final TaskSpec SPEC = new TaskSpec(3, 40, 0.1, 100, 5);

  @TempDir Path folder;

  @Test
  void everyImageEndsInExactlyOneSplitOfOnePartition() throws IOException {
    ImageSet images = BuiltInPictures.generate(300, 16, 1);
    TaskLayout layout = new TaskBuilder(SPEC).build(images, folder);
    List<String> keys = new ArrayList<>();
    for (PartitionLayout partition : layout.partitions()) {
      ImageSet training = read(partition.shards());
      ImageSet forPublic = read(List.of(partition.publicValidation()));
      ImageSet secret = read(List.of(partition.secretValidation()));
      assertThat(training.count()).isEqualTo(partition.trainingImages());
      assertThat(forPublic.count()).isEqualTo(partition.publicImages()).isPositive();
      assertThat(secret.count()).isEqualTo(partition.secretImages()).isPositive();
      for (ImageSet set : List.of(training, forPublic, secret)) {
        set.infos().forEach(info -> keys.add(info.key()));
      }
      assertThat(partition.contactSheet()).isNotEmptyFile();
      assertThat(partition.indexFile()).content().contains("train-000000.tar");
    }
    assertThat(keys)
        .containsExactlyInAnyOrderElementsOf(images.infos().stream().map(ImageInfo::key).toList());
  }

  @Test
  void besideEveryTarLiesWhatIsReadOfItsCaptions() throws IOException {
    ImageSet images = BuiltInPictures.generate(150, 16, 1);
    String[] captions =
        images.infos().stream().map(ImageInfo::caption).distinct().toArray(String[]::new);
    Map<String, HostTensor> texts = new HashMap<>();
    for (String caption : captions) {
      texts.put(TextTable.key(caption), TextTable.rounded(new float[] {caption.length()}, 1, 1));
    }
    texts.put(TextTable.key(null), TextTable.rounded(new float[] {0}, 1, 1));
    Path all = folder.resolve("all.safetensors");
    new Safetensors(texts, Map.of()).write(all);
    Partitioning partitioning =
        Partitioning.of(FeatureTable.builtIn(images), ClusteringMethod.K_MEANS, SPEC);
    TaskLayout layout =
        new TaskBuilder(SPEC)
            .build(
                images,
                Optional.empty(),
                Optional.of(TextTable.open(List.of(all), 1, 1)),
                partitioning,
                folder.resolve("task"));
    for (PartitionLayout partition : layout.partitions()) {
      List<Path> tars = new ArrayList<>(partition.shards());
      tars.add(partition.publicValidation());
      tars.add(partition.secretValidation());
      assertThat(partition.texts().keySet()).containsExactlyInAnyOrderElementsOf(tars);
      for (Path tar : tars) {
        List<String> keys = new ArrayList<>(List.of(TextTable.key(null)));
        read(List.of(tar)).infos().forEach(info -> keys.add(TextTable.key(info.caption())));
        Path table = requireNonNull(partition.texts().get(tar));
        assertThat(Safetensors.map(table).tensors().keySet()).isEqualTo(Set.copyOf(keys));
      }
    }
  }

  @Test
  void captionsAndClassesComeThroughWithTheirImages() throws IOException {
    ImageSet images = BuiltInPictures.generate(150, 16, 1);
    TaskLayout layout = new TaskBuilder(SPEC).build(images, folder);
    Map<String, ImageInfo> infos =
        images.infos().stream().collect(Collectors.toMap(ImageInfo::key, Function.identity()));
    Map<String, float[]> pixels = new HashMap<>();
    for (int i = 0; i < images.count(); i++) {
      pixels.put(images.info(i).key(), images.toFloats(i));
    }
    for (PartitionLayout partition : layout.partitions()) {
      List<Path> tars = new ArrayList<>(partition.shards());
      tars.add(partition.publicValidation());
      tars.add(partition.secretValidation());
      ImageSet read = read(tars);
      for (int i = 0; i < read.count(); i++) {
        assertThat(read.info(i)).isEqualTo(infos.get(read.info(i).key()));
        assertThat(read.info(i).caption()).isNotEmpty();
        assertThat(read.info(i).classId()).isNotNull();
        assertThat(read.toFloats(i)).isEqualTo(pixels.get(read.info(i).key()));
      }
    }
  }

  @Test
  void writesTheSameBytesForTheSameImagesAndSpec() throws IOException {
    ImageSet images = BuiltInPictures.generate(150, 16, 1);
    new TaskBuilder(SPEC).build(images, folder.resolve("one"));
    new TaskBuilder(SPEC).build(images, folder.resolve("two"));
    try (Stream<Path> files = Files.walk(folder.resolve("one"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path other = folder.resolve("two").resolve(folder.resolve("one").relativize(file));
        assertThat(other).hasSameBinaryContentAs(file);
      }
    }
  }

  @Test
  void refusesMoreExpertsThanTheImagesCanFeed() {
    ImageSet images = BuiltInPictures.generate(60, 16, 1);
    assertThatThrownBy(() -> new TaskBuilder(SPEC).build(images, folder))
        .isInstanceOfSatisfying(
            TrainerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TOO_FEW_IMAGES))
        .hasMessageContaining("use more images or fewer experts");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void leavesNothingBehindWhenItCannotWrite() throws IOException {
    Path inTheWay = folder.resolve("partition-001");
    Files.createFile(inTheWay);
    ImageSet images = BuiltInPictures.generate(150, 16, 1);
    assertThatThrownBy(() -> new TaskBuilder(SPEC).build(images, folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("partition-001");
    assertThat(folder).isDirectoryNotContaining(file -> !file.equals(inTheWay));
  }

  private static ImageSet read(List<Path> tars) throws IOException {
    return WebDataset.readShards(tars, 16, ReadLimits.DEFAULT).images();
  }
}
