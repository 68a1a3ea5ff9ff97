package org.skerry.board.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.skerry.board.BoardException;
import org.skerry.board.dagcbor.DagCbor;

final class AugmentationTest {
  private static final Augmentation AUGMENTATION = new Augmentation(true, 4, 0.5);

  @Test
  void hasTheseBytes() {
    // {flip: true, padding: 4, smallestCrop: 0.5}
    assertThat(HexFormat.of().formatHex(DagCbor.encode(AUGMENTATION.toValue())))
        .isEqualTo(
            "a3"
                + "64666c6970f5"
                + "6770616464696e6704"
                + "6c736d616c6c65737443726f70"
                + "fb3fe0000000000000");
  }

  @Test
  void aRecipeKeepsItAndIsAsBeforeWithoutIt() {
    Recipe plain = Samples.recipe();
    Recipe augmented = with(plain, Optional.of(AUGMENTATION));
    assertThat(Recipe.fromValue(augmented.toValue())).isEqualTo(augmented);
    assertThat(DagCbor.encode(with(augmented, Optional.empty()).toValue()))
        .isEqualTo(DagCbor.encode(plain.toValue()));
  }

  @Test
  void refusesWhatIsOutOfRangeOrChangesNothing() {
    assertThatThrownBy(() -> new Augmentation(true, -1, 1)).isInstanceOf(BoardException.class);
    assertThatThrownBy(() -> new Augmentation(true, 4097, 1)).isInstanceOf(BoardException.class);
    assertThatThrownBy(() -> new Augmentation(true, 0, 0)).isInstanceOf(BoardException.class);
    assertThatThrownBy(() -> new Augmentation(true, 0, 1.5)).isInstanceOf(BoardException.class);
    assertThatThrownBy(() -> new Augmentation(false, 0, 1)).isInstanceOf(BoardException.class);
  }

  private static Recipe with(Recipe r, Optional<Augmentation> augmentation) {
    return new Recipe(
        r.optimizer(),
        r.learningRate(),
        r.beta1(),
        r.beta2(),
        r.epsilon(),
        r.weightDecay(),
        r.warmupSteps(),
        r.decayFraction(),
        r.batchSize(),
        r.steps(),
        r.emaDecay(),
        r.clipNorm(),
        r.conditionDropout(),
        r.precision(),
        r.seed(),
        r.timeSampling(),
        r.checkpointIntervalMs(),
        r.manifestIntervalMs(),
        r.initialWeights(),
        augmentation);
  }
}
