package org.skerry.trainer.training;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Batch;
import org.skerry.trainer.dataset.SampleFormat;
import org.skerry.trainer.text.HostTexts;

/**
 * A step's batch in plain memory, its randomness included, as it comes from the threads that
 * prepare data. Nobody changes the arrays.
 *
 * @param format of one sample
 * @param samples {@code [count, channels, size, size]}
 * @param labels {@code [count]}, or null
 * @param times {@code [count]}
 * @param noise as {@code samples}
 * @param texts one a sample, or null
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, not kept
record HostBatch(
    SampleFormat format,
    float[] samples,
    long @Nullable [] labels,
    float[] times,
    float[] noise,
    @Nullable HostTexts texts) {
  int count() {
    return times.length;
  }

  /** The batch in {@code scratch}. */
  Batch on(NDManager scratch) {
    Shape shape = new Shape(count(), format.channels(), format.size(), format.size());
    return new Batch(
        scratch.create(samples, shape),
        labels == null ? null : scratch.create(labels),
        scratch.create(times),
        scratch.create(noise, shape),
        texts == null ? null : texts.on(scratch));
  }
}
