package org.skerry.trainer.training;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.trainer.dataset.Augmentation;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.IndexedShards;
import org.skerry.trainer.dataset.ReadLimits;
import org.skerry.trainer.dataset.SampleFormat;
import org.skerry.trainer.dataset.SampleSource;
import org.skerry.trainer.dataset.ShardWriter;
import org.skerry.trainer.text.HostTexts;
import org.skerry.trainer.text.SampleTexts;
import org.skerry.trainer.text.TextTable;
import org.skerry.trainer.text.TinyTexts;

class TrainingDataTest {
  private static final ImageSet IMAGES = BuiltInPictures.generate(150, 8, 1);
  private static final SampleFormat FORMAT = SampleFormat.pixels(8);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void streamedAndKeptSamplesGiveTheSameBatchesOnAnyNumberOfThreads(boolean augmented)
      throws IOException {
    TrainingRecipe recipe = recipe(augmented ? new Augmentation(true, 2, 0.8) : Augmentation.NONE);
    List<Path> tars = new ShardWriter(40).write(IMAGES, folder, "train");
    List<HostBatch> expected = new ArrayList<>();
    try (TrainingData kept = open(tars, Long.MAX_VALUE, 1)) {
      for (int step = 0; step < 40; step++) {
        expected.add(kept.hostBatch(recipe, step));
      }
    }
    try (TrainingData streamed = open(tars, 0, 3)) {
      for (int step = 0; step < 40; step++) {
        assertSame(streamed.hostBatch(recipe, step), expected.get(step));
      }
    }
    // Resuming needs the step's number and nothing else.
    try (TrainingData resumed = open(tars, 0, 2)) {
      assertSame(resumed.hostBatch(recipe, 23), expected.get(23));
      assertSame(resumed.hostBatch(recipe, 24), expected.get(24));
      assertSame(resumed.hostBatch(recipe, 3), expected.get(3));
    }
    assertThat(expected.get(0).samples()).isNotEqualTo(expected.get(1).samples());
  }

  @Test
  void withoutAugmentationTheSamplesAreTheImages() throws IOException {
    TrainingRecipe recipe = recipe(Augmentation.NONE);
    try (TrainingData data = new TrainingData(IMAGES, null)) {
      int[] chosen = data.indices(recipe.seed(), 5, recipe.batchSize());
      assertThat(data.hostBatch(recipe, 5).samples()).isEqualTo(IMAGES.toFloats(chosen));
    }
  }

  @Test
  void anAugmentedImageIsAnotherEveryEpoch() throws IOException {
    TrainingRecipe recipe = recipe(new Augmentation(true, 3, 1));
    ImageSet one = IMAGES.select(0);
    try (TrainingData data = new TrainingData(one, null)) {
      float[] first = data.hostBatch(recipe, 0).samples();
      assertThat(Arrays.copyOf(first, 192)).isNotEqualTo(Arrays.copyOfRange(first, 192, 384));
      assertThat(first).isNotEqualTo(data.hostBatch(recipe, 1).samples());
    }
  }

  @Test
  void batchesAreMadeAheadButNoMoreThanAFew() throws Exception {
    AtomicInteger reads = new AtomicInteger();
    CountDownLatch ahead = new CountDownLatch(14);
    SampleSource source =
        new StubSource() {
          @Override
          public int read(int index, float[] target) {
            reads.incrementAndGet();
            ahead.countDown();
            return index;
          }
        };
    try (TrainingData data = new TrainingData(source, null, 10, 1)) {
      data.hostBatch(recipe(Augmentation.NONE), 0);
      ahead.await();
      assertThat(reads.get()).isLessThanOrEqualTo(7 * 4);
      assertThat(data.waitedNanos()).isPositive();
    }
  }

  @Test
  void aSampleThatCannotBeReadFailsTheStepThatNeedsIt() throws IOException {
    SampleSource source =
        new StubSource() {
          @Override
          public int read(int index, float[] target) throws IOException {
            throw new IOException("the disk is gone");
          }
        };
    try (TrainingData data = new TrainingData(source, null, 10, 1)) {
      assertThatThrownBy(() -> data.hostBatch(recipe(Augmentation.NONE), 0))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("the disk is gone");
    }
  }

  @Test
  void aLabelIsOfTheSampleThatWasRead() throws IOException {
    SampleSource source =
        new StubSource() {
          @Override
          public int read(int index, float[] target) {
            return 9;
          }
        };
    long[] labels = new long[10];
    labels[9] = 42;
    try (TrainingData data = new TrainingData(source, labels, 10, 1)) {
      assertThat(data.hostBatch(recipe(Augmentation.NONE), 0).labels()).containsOnly(42);
    }
  }

  @Test
  void aTextIsOfTheSampleThatWasReadAndDroppedAsOftenAsTheRecipeSays() throws IOException {
    TextTable table = TinyTexts.table(folder.resolve("texts"), "a cat", "a black dog");
    int[] numbers = new int[IMAGES.count()];
    Arrays.fill(numbers, table.numberOf("a cat"));
    SampleTexts captions = new SampleTexts(table, numbers);
    HostTexts told = captions.at(0, 1, 2, 3, 4, 5, 6);
    TrainingRecipe never = recipe(Augmentation.NONE);
    TrainingRecipe sometimes = never.withConditionDropout(0.25);
    int empty = 0;
    try (TrainingData data =
        TrainingData.ofTexts(SampleSource.of(IMAGES), captions, IMAGES.count(), 1)) {
      HostTexts batch = requireNonNull(data.hostBatch(never, 3).texts());
      assertThat(batch.states()).isEqualTo(told.states());
      for (int step = 0; step < 100; step++) {
        int[] lengths = requireNonNull(data.hostBatch(sometimes, step).texts()).lengths();
        empty += (int) Arrays.stream(lengths).filter(length -> length == 2).count();
      }
      assertThat(requireNonNull(data.hostBatch(sometimes, 7).texts()).states())
          .isEqualTo(requireNonNull(data.hostBatch(sometimes, 7).texts()).states());
    }
    assertThat(empty).as("of 700").isBetween(130, 220);
    assertThatThrownBy(() ->
            TrainingData.ofTexts(
                SampleSource.of(IMAGES), new SampleTexts(table, new int[2]), 10, 1))
        .hasMessageContaining("2 texts for 150 images");
  }

  @Test
  void refusesLabelsAndAugmentationThatDoNotFit() throws IOException {
    assertThatThrownBy(() -> new TrainingData(IMAGES, new long[3]))
        .hasMessageContaining("3 labels for 150 images");
    try (TrainingData data = new TrainingData(IMAGES, null)) {
      assertThatThrownBy(() -> data.hostBatch(recipe(new Augmentation(false, 8, 1)), 0))
          .hasMessageContaining("padding 8");
    }
  }

  private static TrainingData open(List<Path> tars, long budget, int threads) throws IOException {
    IndexedShards shards = IndexedShards.open(tars, FORMAT, ReadLimits.DEFAULT, budget);
    return new TrainingData(shards, null, shards.window(), threads);
  }

  private static void assertSame(HostBatch found, HostBatch expected) {
    assertThat(found.samples()).isEqualTo(expected.samples());
    assertThat(found.times()).isEqualTo(expected.times());
    assertThat(found.noise()).isEqualTo(expected.noise());
  }

  private static TrainingRecipe recipe(Augmentation augmentation) {
    return TrainingRecipe.shortRun(100, 7, 3).withAugmentation(augmentation);
  }

  /** Ten samples of nothing. */
  private abstract static class StubSource implements SampleSource {
    @Override
    public int count() {
      return 10;
    }

    @Override
    public SampleFormat format() {
      return FORMAT;
    }

    @Override
    public void close() {}
  }

  @Test
  void classesAreDroppedAsOftenAsTheRecipeSaysAndPartitionsNever() throws IOException {
    long[] classes = new long[IMAGES.count()];
    Arrays.fill(classes, 3);
    TrainingRecipe recipe = recipe(Augmentation.NONE).withConditionDropout(0.25);
    SampleSource source = SampleSource.of(IMAGES);
    try (TrainingData data = TrainingData.ofClasses(source, classes, 7, 10, 1);
        TrainingData again = TrainingData.ofClasses(source, classes, 7, 10, 2);
        TrainingData partitions = new TrainingData(source, classes, 10, 1)) {
      int dropped = 0;
      int all = 0;
      for (int step = 0; step < 200; step++) {
        long[] labels = Objects.requireNonNull(data.hostBatch(recipe, step).labels());
        assertThat(again.hostBatch(recipe, step).labels()).isEqualTo(labels);
        assertThat(labels).containsAnyOf(3, 7).doesNotContain(0);
        all += labels.length;
        dropped += (int) Arrays.stream(labels).filter(label -> label == 7).count();
        assertThat(partitions.hostBatch(recipe, step).labels()).containsOnly(3);
      }
      assertThat((double) dropped / all).isBetween(0.2, 0.3);
      assertThat(data.hostBatch(recipe.withConditionDropout(0), 0).labels()).containsOnly(3);
    }
  }
}
