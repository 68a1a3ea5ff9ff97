package org.skerry.trainer.text;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.skerry.trainer.TrainerException;

/**
 * The texts of samples.
 *
 * @param table that has them
 * @param numbers in the table, one a sample
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, not kept
public record SampleTexts(TextTable table, int[] numbers) {
  /**
   * What stands in {@code table} for captions, one a sample.
   *
   * @throws TrainerException when one is not in the table
   */
  public static SampleTexts of(TextTable table, List<@Nullable String> captions)
      throws TrainerException {
    int[] numbers = new int[captions.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = table.numberOf(captions.get(i));
    }
    return new SampleTexts(table, numbers);
  }

  /** What is read of some samples. */
  public HostTexts at(int... samples) throws TrainerException {
    return HostTexts.of(table, Arrays.stream(samples).map(i -> numbers[i]).toArray());
  }

  /** As {@link #at}, with the empty text where {@code dropped} says so. */
  public HostTexts at(int[] samples, boolean[] dropped) throws TrainerException {
    int[] chosen = new int[samples.length];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = dropped[i] ? table.empty() : numbers[samples[i]];
    }
    return HostTexts.of(table, chosen);
  }
}
