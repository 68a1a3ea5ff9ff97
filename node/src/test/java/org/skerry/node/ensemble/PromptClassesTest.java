package org.skerry.node.ensemble;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromptClassesTest {
  private static final PromptClasses CLASSES =
      new PromptClasses(
          List.of("ship", "bear", "polar_bear", "butterfly", "bus", "tench, Tinca tinca", "cat"));

  @ParameterizedTest
  @CsvSource({
    "'a ship at sea', 0",
    "'Two SHIPS!', 0",
    "'a polar bear', 2",
    "'polar-bears on ice', 2",
    "'a bear, not polar', 1",
    "'butterflies', 3",
    "'buses in the rain', 4",
    "'a tinca  tinca', 5",
    "'the cat and the ship', 6",
    "'the cat and the bus', 6"
  })
  void theClassOfASentenceIsFound(String prompt, int label) {
    assertThat(CLASSES.in(prompt)).hasValue(label);
  }

  @ParameterizedTest
  @CsvSource({"'a spaceship'", "'shipment of catalogues'", "''", "'polar'", "'busy'"})
  void partsOfWordsAreNoClass(String prompt) {
    assertThat(CLASSES.in(prompt)).isEmpty();
  }

  @Test
  void withoutNamesNothingIsFound() {
    assertThat(new PromptClasses(List.of()).in("a ship")).isEmpty();
    assertThat(new PromptClasses(List.of(", ,")).in("a ship")).isEmpty();
  }
}
