package org.skerry.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleOrderTest {
  @ParameterizedTest
  @CsvSource({"1,1", "40,40", "40,1", "64,64", "1000,1000", "1000,100", "1000,999", "1024,128"})
  void everyEpochSeesEverySampleOnceInAnOrderOfItsOwn(int count, int window) {
    SampleOrder order = new SampleOrder(count, window);
    int[] first = epoch(order, count, 0);
    int[] second = epoch(order, count, 1);
    int[] all = IntStream.range(0, count).toArray();
    assertThat(Arrays.stream(first).sorted().toArray()).isEqualTo(all);
    assertThat(Arrays.stream(second).sorted().toArray()).isEqualTo(all);
    if (count > 1) {
      assertThat(first).isNotEqualTo(second).isNotEqualTo(all);
    }
  }

  @Test
  void aPositionAloneDecidesWhateverWasAskedBefore() {
    int[] inTurn = epoch(new SampleOrder(1_000, 128), 1_000, 3);
    for (int position : new int[] {999, 0, 127, 128, 500}) {
      assertThat(new SampleOrder(1_000, 128).at(7, 3_000 + position)).isEqualTo(inTurn[position]);
    }
    SampleOrder jumping = new SampleOrder(1_000, 128);
    for (int position : new int[] {999, 3, 640, 641, 2}) {
      jumping.at(8, position);
      assertThat(jumping.at(7, 3_000 + position)).isEqualTo(inTurn[position]);
    }
  }

  @Test
  void aWindowLiesInAsManyPlacesAsItHasBlocks() {
    int count = 64 * 100;
    int[] order = epoch(new SampleOrder(count, 64 * 10), count, 0);
    for (int window = 0; window < 10; window++) {
      int[] sorted = Arrays.stream(order, window * 640, window * 640 + 640).sorted().toArray();
      long jumps = IntStream.range(1, 640).filter(i -> sorted[i] != sorted[i - 1] + 1).count();
      assertThat(jumps).isBetween(3L, 11L);
    }
  }

  @Test
  void neighboursInTheDataAreFarApartInTheOrder() {
    int count = 10_000;
    int[] order = epoch(new SampleOrder(count, count), count, 0);
    double mean =
        IntStream.range(1, count).mapToDouble(i -> Math.abs(order[i] - order[i - 1])).sum() / count;
    assertThat(mean).isBetween(count / 3.0 * 0.95, count / 3.0 * 1.05);
  }

  private static int[] epoch(SampleOrder order, int count, long epoch) {
    return IntStream.range(0, count).map(i -> order.at(7, epoch * count + i)).toArray();
  }
}
