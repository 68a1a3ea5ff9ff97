package org.skerry.router;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Which experts share in an image's velocity, given how probable the router finds each. */
public sealed interface Strategy {
  /**
   * The share of each expert: not negative, and 1 together.
   *
   * @param probabilities of the partitions, 1 together; 0 where no expert is at hand
   */
  double[] shares(double[] probabilities);

  /** How a user writes it: {@code full}, {@code top-2}, {@code threshold-0.05}, … */
  String text();

  /** The strategy that {@link #text} names. */
  static Strategy parse(String text) {
    if (text.equals("full")) {
      return new Full();
    }
    if (text.matches("top-[1-9][0-9]{0,4}")) {
      int k = Integer.parseInt(text.substring(4));
      return k == 1 ? new Top1() : new TopK(k);
    }
    if (text.matches("threshold-(0\\.[0-9]{1,6}|1(\\.0)?)")) {
      return new Threshold(Double.parseDouble(text.substring(10)));
    }
    throw new IllegalArgumentException(
        "strategy '" + text + "' is not known: use full, top-1, top-2, …, or threshold-0.05");
  }

  /** Every expert, by its probability: the marginal velocity itself, at the price of all. */
  record Full() implements Strategy {
    @Override
    public double[] shares(double[] probabilities) {
      return probabilities.clone();
    }

    @Override
    public String text() {
      return "full";
    }
  }

  /** The {@code k} most probable experts, renormalised; of equals the first. */
  record TopK(int k) implements Strategy {
    public TopK {
      if (k < 1) {
        throw new IllegalArgumentException("top-k needs k of at least 1, not " + k);
      }
    }

    @Override
    public double[] shares(double[] probabilities) {
      int[] best =
          IntStream.range(0, probabilities.length)
              .boxed()
              .sorted((a, b) -> Double.compare(probabilities[b], probabilities[a]))
              .limit(k)
              .mapToInt(Integer::intValue)
              .toArray();
      double sum = Arrays.stream(best).mapToDouble(i -> probabilities[i]).sum();
      double[] out = new double[probabilities.length];
      for (int i : best) {
        out[i] = probabilities[i] / sum;
      }
      return out;
    }

    @Override
    public String text() {
      return "top-" + k;
    }
  }

  /** The most probable expert alone: one network a step. */
  record Top1() implements Strategy {
    @Override
    public double[] shares(double[] probabilities) {
      return new TopK(1).shares(probabilities);
    }

    @Override
    public String text() {
      return "top-1";
    }
  }

  /**
   * The experts that are at least so probable, renormalised; the most probable one when none is.
   *
   * @param probability in (0, 1]
   */
  record Threshold(double probability) implements Strategy {
    public Threshold {
      if (!(probability > 0 && probability <= 1)) {
        throw new IllegalArgumentException("threshold " + probability + " not in (0, 1]");
      }
    }

    @Override
    public double[] shares(double[] probabilities) {
      double sum = Arrays.stream(probabilities).filter(p -> p >= probability).sum();
      return sum == 0
          ? new TopK(1).shares(probabilities)
          : Arrays.stream(probabilities).map(p -> p >= probability ? p / sum : 0).toArray();
    }

    @Override
    public String text() {
      return "threshold-" + BigDecimal.valueOf(probability).stripTrailingZeros().toPlainString();
    }
  }
}
