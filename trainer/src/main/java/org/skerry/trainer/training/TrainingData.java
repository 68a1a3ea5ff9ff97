package org.skerry.trainer.training;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Batch;
import org.skerry.diffusion.SeededRandom;
import org.skerry.diffusion.TimeSampling;
import org.skerry.trainer.dataset.Augmentation;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.SampleFormat;
import org.skerry.trainer.dataset.SampleSource;
import org.skerry.trainer.text.HostTexts;
import org.skerry.trainer.text.SampleTexts;

/**
 * What a run trains on: samples, with a label or a text each when the network wants one, in the
 * order of {@link SampleOrder}; batches run across epochs' ends. The batch of a step, its order,
 * augmentation, times and noise, is a pure function of seed and step, whether the samples are in
 * memory or on the disk. The next batches are prepared on threads of their own. Owned by the thread
 * that trains.
 */
public final class TrainingData implements AutoCloseable {
  private static final long NOISE = 2;
  private static final long AUGMENTATION = 4;
  private static final long DROPPED = 5;
  private static final long NO_NULL_LABEL = -1;
  private static final int MAX_THREADS = 8;
  private static final int MAX_AHEAD = 8;

  /** Batches that are prepared ahead, where one thread prepares them. */
  static final int USUAL_AHEAD = 3;

  static final long MAX_AHEAD_BYTES = 512L << 20;

  private static final long AHEAD_BYTES =
      Math.min(MAX_AHEAD_BYTES, Runtime.getRuntime().maxMemory() / 8);

  private final SampleSource source;
  private final long @Nullable [] labels;
  private final long nullLabel;
  private final @Nullable SampleTexts texts;
  private final SampleOrder order;
  private final int threads;
  private @Nullable TrainingRecipe prepared;
  private @Nullable Prefetcher prefetcher;
  private long waitedBefore;

  /** Decoded images, shuffled all together. */
  public TrainingData(ImageSet images, long @Nullable [] labels) {
    this(SampleSource.of(images), labels, Math.max(1, images.count()), defaultThreads());
  }

  /**
   * @param labels one a sample, or null
   * @param window samples that are shuffled together, see {@link SampleOrder}
   * @param threads that prepare batches
   */
  public TrainingData(SampleSource source, long @Nullable [] labels, int window, int threads) {
    this(source, labels, NO_NULL_LABEL, null, window, threads);
  }

  /** Data whose labels are classes that a recipe may drop: samples get {@code nullLabel} then. */
  public static TrainingData ofClasses(
      SampleSource source, long[] classes, long nullLabel, int window, int threads) {
    return new TrainingData(source, classes, nullLabel, null, window, threads);
  }

  /** Data with texts that a recipe may drop: samples get the empty one then. */
  public static TrainingData ofTexts(
      SampleSource source, SampleTexts texts, int window, int threads) {
    if (texts.numbers().length != source.count()) {
      throw new IllegalArgumentException(
          texts.numbers().length + " texts for " + source.count() + " images");
    }
    return new TrainingData(source, null, NO_NULL_LABEL, texts, window, threads);
  }

  private TrainingData(
      SampleSource source,
      long @Nullable [] labels,
      long nullLabel,
      @Nullable SampleTexts texts,
      int window,
      int threads) {
    if (source.count() == 0) {
      throw new IllegalArgumentException("no image to train on");
    }
    if (labels != null && labels.length != source.count()) {
      throw new IllegalArgumentException(
          labels.length + " labels for " + source.count() + " images");
    }
    if (threads < 1 || threads > MAX_THREADS) {
      throw new IllegalArgumentException("data threads " + threads + " not in 1.." + MAX_THREADS);
    }
    this.source = source;
    this.labels = labels == null ? null : labels.clone();
    this.nullLabel = nullLabel;
    this.texts = texts;
    this.order = new SampleOrder(source.count(), window);
    this.threads = threads;
  }

  /** A quarter of the processors, at least one and at most {@value #MAX_THREADS}. */
  public static int defaultThreads() {
    return Math.clamp(Runtime.getRuntime().availableProcessors() / 4, 1, MAX_THREADS);
  }

  public int count() {
    return source.count();
  }

  public SampleFormat format() {
    return source.format();
  }

  /** Side of the images in pixels, or of the latents in cells. */
  public int imageSize() {
    return source.format().size();
  }

  /** Samples that could not be decoded so far. */
  int badSamples() {
    return source.badCount();
  }

  /** Time that was waited for data so far. */
  public long waitedNanos() {
    return waitedBefore + (prefetcher == null ? 0 : prefetcher.waitedNanos());
  }

  /** The batch of a step, its times and noise included, in {@code scratch}. */
  Batch batch(NDManager scratch, TrainingRecipe recipe, long step) throws IOException {
    return hostBatch(recipe, step).on(scratch);
  }

  /**
   * The batch of a step in plain memory.
   *
   * @throws IOException when samples cannot be read
   */
  HostBatch hostBatch(TrainingRecipe recipe, long step) throws IOException {
    Prefetcher current = prefetcher;
    if (current == null || !recipe.equals(prepared)) {
      recipe.augmentation().requireFit(format());
      if (current != null) {
        waitedBefore += current.waitedNanos();
        current.close();
      }
      current = new Prefetcher(threads, ahead(recipe), s -> plan(recipe, s));
      prefetcher = current;
      prepared = recipe;
    }
    return current.take(step);
  }

  /** As many as keep the threads busy, unless they are huge. */
  private int ahead(TrainingRecipe recipe) throws IOException {
    long each = 2L * format().values();
    HostTexts words = textsOf(recipe, 0, indices(recipe.seed(), 0, 1));
    if (words != null) {
      each += words.states().length;
    }
    long bytes = Float.BYTES * each * recipe.batchSize();
    return (int) Math.clamp(AHEAD_BYTES / bytes, 1, Math.min(MAX_AHEAD, USUAL_AHEAD - 1 + threads));
  }

  /** Prepares the batch of a step on the caller's thread, to measure what that takes. */
  public void prepare(TrainingRecipe recipe, long step) throws IOException {
    make(recipe, step, indices(recipe.seed(), step, recipe.batchSize()));
  }

  private Callable<HostBatch> plan(TrainingRecipe recipe, long step) {
    int[] chosen = indices(recipe.seed(), step, recipe.batchSize());
    return () -> make(recipe, step, chosen);
  }

  private HostBatch make(TrainingRecipe recipe, long step, int[] chosen) throws IOException {
    int count = chosen.length;
    int values = format().values();
    float[] samples = new float[Math.multiplyExact(count, values)];
    float[] sample = new float[values];
    Augmentation augmentation = recipe.augmentation();
    for (int i = 0; i < count; i++) {
      // What was read is what the label is of, should another sample have stood in.
      chosen[i] = source.read(chosen[i], sample);
      if (augmentation.isNone()) {
        System.arraycopy(sample, 0, samples, i * values, values);
      } else {
        SeededRandom random = SeededRandom.of(recipe.seed(), AUGMENTATION, step, i);
        augmentation.apply(sample, format(), random, samples, i * values);
      }
    }
    SeededRandom random = SeededRandom.of(recipe.seed(), NOISE, step);
    TimeSampling times = recipe.timeSampling();
    return new HostBatch(
        format(),
        samples,
        labelsOf(recipe, step, chosen),
        times.sample(count, random),
        random.gaussians(samples.length),
        textsOf(recipe, step, chosen));
  }

  private long @Nullable [] labelsOf(TrainingRecipe recipe, long step, int[] chosen) {
    if (labels == null) {
      return null;
    }
    long[] result = new long[chosen.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = labels[chosen[i]];
    }
    if (nullLabel != NO_NULL_LABEL) {
      boolean[] dropped = dropped(recipe, step, result.length);
      for (int i = 0; i < result.length; i++) {
        result[i] = dropped[i] ? nullLabel : result[i];
      }
    }
    return result;
  }

  private @Nullable HostTexts textsOf(TrainingRecipe recipe, long step, int[] chosen)
      throws IOException {
    return texts == null ? null : texts.at(chosen, dropped(recipe, step, chosen.length));
  }

  /** Which samples of a step are trained on without their condition. */
  private static boolean[] dropped(TrainingRecipe recipe, long step, int count) {
    boolean[] out = new boolean[count];
    if (recipe.conditionDropout() > 0) {
      SeededRandom random = SeededRandom.of(recipe.seed(), DROPPED, step);
      for (int i = 0; i < count; i++) {
        out[i] = random.nextDouble() < recipe.conditionDropout();
      }
    }
    return out;
  }

  /** The samples of a step, in order. */
  int[] indices(long seed, long step, int batchSize) {
    int[] chosen = new int[batchSize];
    long position = Math.multiplyExact(step, (long) batchSize);
    for (int i = 0; i < batchSize; i++, position++) {
      chosen[i] = order.at(seed, position);
    }
    return chosen;
  }

  @Override
  public void close() throws IOException {
    if (prefetcher != null) {
      prefetcher.close();
    }
    source.close();
  }
}
