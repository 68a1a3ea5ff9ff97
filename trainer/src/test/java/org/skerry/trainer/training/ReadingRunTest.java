package org.skerry.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.FlowObjective;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.ParisExpertConfig;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.SampleSource;
import org.skerry.trainer.evaluation.Evaluation;
import org.skerry.trainer.text.SampleTexts;
import org.skerry.trainer.text.TextTable;
import org.skerry.trainer.text.TinyTexts;

/** An expert that looks at captions. */
class ReadingRunTest {
  private static final Network NETWORK =
      Network.of(new ParisExpertConfig(3, 8, 4, 32, 2, 2, 64, TinyTexts.WIDTH));
  private static final String DARK = "a dark square";
  private static final String LIGHT = "light";
  private static final int IMAGES = 48;

  @TempDir Path folder;

  private static boolean isDark(int image) {
    return image % 2 == 0;
  }

  /** Squares of one grey: dark ones or light ones. */
  private static ImageSet images() {
    ImageSet.Builder images = new ImageSet.Builder(8);
    for (int i = 0; i < IMAGES; i++) {
      byte[] planes = new byte[3 * 8 * 8];
      Arrays.fill(planes, (byte) (isDark(i) ? 20 + i : 200 + i));
      images.add(ImageInfo.of("image" + i), planes);
    }
    return images.build();
  }

  private static SampleTexts captions(TextTable table, boolean swapped) throws IOException {
    String[] captions = new String[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      captions[i] = isDark(i) != swapped ? DARK : LIGHT;
    }
    return SampleTexts.of(table, List.of(captions));
  }

  private static TrainingData data(SampleTexts texts) {
    return TrainingData.ofTexts(SampleSource.of(images()), texts, IMAGES, 1);
  }

  private static TrainingRun fresh(TrainingData data, TrainingRecipe recipe, NDManager manager) {
    return TrainingRun.fromWeights(
        NETWORK,
        new FlowObjective(),
        data,
        recipe,
        Parameters.initialTensors(NETWORK, 1),
        0,
        manager);
  }

  private static double loss(Parameters weights, SampleTexts texts) {
    return Evaluation.loss(new FlowObjective(), NETWORK, weights, images(), null, texts, 5);
  }

  @Test
  void learnsWhatCaptionsSayAndWhatThereIsWithoutThem() throws IOException {
    TextTable table = TinyTexts.table(folder.resolve("texts"), DARK, LIGHT);
    SampleTexts right = captions(table, false);
    SampleTexts none = new SampleTexts(table, new int[IMAGES]);
    Arrays.fill(none.numbers(), table.empty());
    TrainingRecipe recipe = TrainingRecipe.shortRun(300, 16, 1).withConditionDropout(0.2);
    Torch.threads(1);
    try (NDManager manager = Torch.newManager();
        TrainingData data = data(right);
        TrainingRun run = fresh(data, recipe, manager)) {
      double before = loss(run.average(), right);
      while (!run.finished()) {
        run.step();
      }
      double told = loss(run.average(), right);
      double untold = loss(run.average(), none);
      double misled = loss(run.average(), captions(table, true));
      assertThat(told).isLessThan(0.5 * before);
      assertThat(untold).as("the empty text says neither").isBetween(1.1 * told, misled);
      assertThat(misled).isGreaterThan(1.5 * told);
    }
  }

  @Test
  void resumesBitForBit() throws IOException {
    TextTable table = TinyTexts.table(folder.resolve("texts"), DARK, LIGHT);
    TrainingRecipe recipe = TrainingRecipe.shortRun(8, 6, 3).withConditionDropout(0.3);
    Torch.threads(1);
    try (NDManager manager = Torch.newManager();
        TrainingData data = data(captions(table, false));
        TrainingData again = data(captions(table, false));
        TrainingRun whole = fresh(data, recipe, manager);
        TrainingRun first = fresh(again, recipe, manager)) {
      for (int i = 0; i < 8; i++) {
        whole.step();
      }
      for (int i = 0; i < 4; i++) {
        first.step();
      }
      try (TrainingData third = data(captions(table, false));
          TrainingRun second =
              TrainingRun.resume(
                  NETWORK, new FlowObjective(), third, recipe, first.snapshot(), manager)) {
        second.limitMicroBatch(6);
        for (int i = 0; i < 4; i++) {
          second.step();
        }
        assertThat(second.snapshot().raw()).isEqualTo(whole.snapshot().raw());
        assertThat(second.snapshot().average()).isEqualTo(whole.snapshot().average());
      }
    }
  }
}
