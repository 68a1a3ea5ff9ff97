package org.skerry.trainer.training;

import org.skerry.diffusion.SeededRandom;

/**
 * The order in which samples are seen, a pure function of the seed: every epoch is a permutation of
 * its own. It is drawn in two steps, so that samples which come close together lie in few places of
 * the disk: the samples, turned by a random offset, are cut into blocks of {@value #BLOCK}
 * neighbours, the blocks are permuted and dealt into windows, and every window is permuted by
 * itself. A window is what a shuffle buffer would hold; one that takes in all samples gives a plain
 * permutation.
 *
 * <p>It keeps the last window it was asked about. Owned by one thread.
 */
final class SampleOrder {
  static final int BLOCK = 64;

  private static final long ORDER = 1;
  private static final long BLOCKS = 3;

  private final int count;
  private final int windowSize;
  private long heldSeed;
  private long heldEpoch = -1;
  private int heldStart;
  private int offset;
  private int[] blockOrder = new int[0];
  private int[] window = new int[0];

  /**
   * @param count samples of an epoch
   * @param window samples that are shuffled together, rounded up to whole blocks
   */
  SampleOrder(int count, int window) {
    if (count < 1 || window < 1) {
      throw new IllegalArgumentException("window of " + window + " in " + count + " samples");
    }
    this.count = count;
    this.windowSize =
        window >= count ? count : Math.min(count, Math.ceilDiv(window, BLOCK) * BLOCK);
  }

  /** The sample at {@code position}, which counts on from epoch to epoch. */
  int at(long seed, long position) {
    long epoch = position / count;
    int within = (int) (position % count);
    if (seed != heldSeed || epoch != heldEpoch) {
      SeededRandom random = SeededRandom.of(seed, BLOCKS, epoch);
      offset = random.nextInt(count);
      // What does not fill a block stays last; the offset makes it another part every epoch.
      blockOrder = inOrder(0, count / BLOCK);
      permute(blockOrder, random);
      heldSeed = seed;
      heldEpoch = epoch;
      window = new int[0];
    }
    if (within < heldStart || within >= heldStart + window.length) {
      hold(within / windowSize);
    }
    return window[within - heldStart];
  }

  private void hold(int number) {
    heldStart = number * windowSize;
    window = inOrder(heldStart, Math.min(count, heldStart + windowSize));
    for (int i = 0; i < window.length; i++) {
      int slot = window[i] / BLOCK;
      int block = slot < blockOrder.length ? blockOrder[slot] : slot;
      long linear = (long) block * BLOCK + window[i] % BLOCK + offset;
      window[i] = (int) (linear % count);
    }
    permute(window, SeededRandom.of(heldSeed, ORDER, heldEpoch, number));
  }

  private static int[] inOrder(int from, int to) {
    int[] values = new int[to - from];
    for (int i = 0; i < values.length; i++) {
      values[i] = from + i;
    }
    return values;
  }

  private static void permute(int[] values, SeededRandom random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = values[i];
      values[i] = values[j];
      values[j] = swapped;
    }
  }
}
