package org.skerry.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

class IndexedShardsTest {
  private static final ImageSet IMAGES = BuiltInPictures.generate(30, 16, 4);
  private static final SampleFormat FORMAT = SampleFormat.pixels(16);

  @TempDir Path folder;

  @Test
  void findsEverySampleWhereAReaderOfTheWholeFindsIt() throws IOException {
    List<Path> tars = new ShardWriter(8).write(IMAGES, folder, "train");
    for (long budget : new long[] {0, Long.MAX_VALUE}) {
      try (IndexedShards shards = open(tars, budget)) {
        assertThat(shards.keepsDecoded()).isEqualTo(budget > 0);
        assertThat(shards.counts()).containsExactly(8, 8, 8, 6);
        for (int round = 0; round < 2; round++) {
          for (int i = 29; i >= 0; i--) {
            assertThat(sample(shards, i)).isEqualTo(IMAGES.toFloats(i));
            assertThat(shards.classOf(i)).hasValue(classOf(i));
          }
        }
        assertThat(shards.badCount()).isZero();
      }
    }
  }

  @Test
  void findsSamplesBehindExtendedHeadersAndOtherFiles() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("readme", new byte[700]);
    files.put("long/".repeat(40) + "a.json", new byte[1000]);
    files.put("long/".repeat(40) + "a.png", ShardWriter.png(IMAGES, 0));
    files.put("schön-日本.png", ShardWriter.png(IMAGES, 1));
    files.put("c.cls", Tars.ascii("5"));
    files.put("c.png", ShardWriter.png(IMAGES, 2));
    files.put("d.cls", Tars.ascii("6"));
    files.put("e.png", ShardWriter.png(IMAGES, 3));
    Path tar = Tars.write(folder.resolve("a.tar"), files);
    try (IndexedShards shards = open(List.of(tar), 0)) {
      assertThat(shards.count()).isEqualTo(4);
      for (int i = 0; i < 4; i++) {
        assertThat(sample(shards, i)).isEqualTo(IMAGES.toFloats(i));
      }
      assertThat(shards.classOf(1)).isEmpty();
      assertThat(shards.classOf(2)).hasValue(5);
    }
  }

  @Test
  void aSampleThatCannotBeDecodedIsCountedAndTheNextStandsIn() throws IOException {
    Path tar = tarWithBad(20, 7, 19);
    for (long budget : new long[] {0, Long.MAX_VALUE}) {
      try (IndexedShards shards = open(List.of(tar), budget)) {
        float[] target = new float[FORMAT.values()];
        assertThat(shards.read(7, target)).isEqualTo(8);
        assertThat(target).isEqualTo(IMAGES.toFloats(8));
        assertThat(shards.read(19, target)).isZero();
        assertThat(shards.read(7, target)).isEqualTo(8);
        assertThat(shards.badCount()).isEqualTo(2);
      }
    }
  }

  @Test
  void tooManyThatCannotBeDecodedEndTheRun() throws IOException {
    Path tar = tarWithBad(20, 3, 4, 5);
    try (IndexedShards shards = open(List.of(tar), 0)) {
      assertThatThrownBy(() -> sample(shards, 3))
          .isInstanceOfSatisfying(
              TrainerException.class,
              e -> assertThat(e.reason()).isEqualTo(Reason.TOO_MANY_BAD_IMAGES))
          .hasMessageContaining("a.tar: 3 of 20 samples could not be read");
    }
    Path all = tarWithBad(1, 0);
    try (IndexedShards shards = open(List.of(all), 0)) {
      assertThatThrownBy(() -> sample(shards, 0)).hasMessageContaining("1 of 1");
    }
  }

  @Test
  void refusesATarThatIsCutAtOnceAndOneThatShrinksLater() throws IOException {
    Path tar = new ShardWriter(30).write(IMAGES, folder, "train").getFirst();
    byte[] whole = Files.readAllBytes(tar);
    try (IndexedShards shards = open(List.of(tar), 0)) {
      Files.write(tar, Arrays.copyOf(whole, 2_000));
      assertThatThrownBy(() -> sample(shards, 29)).hasMessageContaining("was cut short");
    }
    assertThatThrownBy(() -> open(List.of(tar), 0))
        .isInstanceOfSatisfying(
            TrainerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT_ARCHIVE));
    Path empty = Tars.write(folder.resolve("b.tar"), Map.of("a.txt", new byte[3]));
    assertThatThrownBy(() -> open(List.of(empty), 0))
        .hasMessageContaining("b.tar: no pixels of 16×16 in it");
  }

  @Test
  void manyThreadsReadTheSame() throws IOException {
    List<Path> tars = new ShardWriter(4).write(IMAGES, folder, "train");
    try (IndexedShards shards = open(tars, 0)) {
      IntStream.range(0, 600)
          .parallel()
          .forEach(i -> {
            try {
              assertThat(sample(shards, i % 30)).isEqualTo(IMAGES.toFloats(i % 30));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }

  private Path tarWithBad(int count, int... bad) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      byte[] png = ShardWriter.png(IMAGES, i);
      boolean damaged = IntStream.of(bad).boxed().toList().contains(i);
      files.put("i" + i + ".png", damaged ? Arrays.copyOf(png, 60) : png);
    }
    return Tars.write(folder.resolve("a.tar"), files);
  }

  private static int classOf(int index) {
    Integer classId = IMAGES.info(index).classId();
    return classId == null ? -1 : classId;
  }

  private static IndexedShards open(List<Path> tars, long budget) throws TrainerException {
    return IndexedShards.open(tars, FORMAT, ReadLimits.DEFAULT, budget);
  }

  private static float[] sample(IndexedShards shards, int index) throws IOException {
    float[] target = new float[FORMAT.values()];
    assertThat(shards.read(index, target)).isEqualTo(index);
    return target;
  }
}
