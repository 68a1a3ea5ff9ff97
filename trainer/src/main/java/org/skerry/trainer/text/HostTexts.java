package org.skerry.trainer.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.skerry.diffusion.Texts;
import org.skerry.trainer.TrainerException;

/**
 * The texts of a batch in plain memory, the shorter ones filled up with zeros that nobody sees.
 * Nobody changes the arrays.
 *
 * @param states {@code [count, tokens, width]}
 * @param lengths tokens of each text
 * @param tokens of the longest
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, not kept
public record HostTexts(float[] states, int[] lengths, int tokens) {
  /** The texts of {@code table} by their numbers, which may repeat. */
  public static HostTexts of(TextTable table, int... numbers) throws TrainerException {
    int[] lengths = Arrays.stream(numbers).map(table::tokens).toArray();
    int tokens = Arrays.stream(lengths).max().orElseThrow();
    int each = Math.multiplyExact(tokens, table.width());
    float[] states = new float[Math.multiplyExact(numbers.length, each)];
    for (int i = 0; i < numbers.length; i++) {
      table.copyTo(numbers[i], states, i * each);
    }
    return new HostTexts(states, lengths, tokens);
  }

  /** The texts in {@code scratch}. */
  public Texts on(NDManager scratch) {
    int count = lengths.length;
    NDArray array =
        scratch.create(states, new Shape(count, tokens, states.length / count / tokens));
    if (Arrays.stream(lengths).allMatch(length -> length == tokens)) {
      return Texts.of(array);
    }
    float[] mask = new float[count * tokens];
    for (int i = 0; i < count; i++) {
      Arrays.fill(mask, i * tokens + lengths[i], (i + 1) * tokens, Texts.UNSEEN);
    }
    return new Texts(array, scratch.create(mask, new Shape(count, 1, 1, tokens)));
  }
}
