package org.skerry.bench;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.skerry.diffusion.Batch;
import org.skerry.diffusion.SeededRandom;

/** Images, noise and times in plain memory, so that every contestant gets the same. */
record StepBatch(Shape shape, float[] images, float[] noise, float[] times) {
  static StepBatch draw(DitCase shape, long seed) {
    SeededRandom random = SeededRandom.of(seed);
    int pixels = DitCase.CHANNELS * shape.side() * shape.side();
    float[] images = random.gaussians(shape.batch() * pixels);
    // Smooth over rows, so that there is something to learn.
    for (int i = 1; i < images.length; i++) {
      images[i] = 0.9f * images[i - 1] + 0.43f * images[i];
    }
    float[] times = new float[shape.batch()];
    for (int i = 0; i < times.length; i++) {
      times[i] = (float) random.nextDouble();
    }
    return new StepBatch(
        new Shape(shape.batch(), DitCase.CHANNELS, shape.side(), shape.side()),
        images,
        random.gaussians(shape.batch() * pixels),
        times);
  }

  Batch in(NDManager manager) {
    return new Batch(
        manager.create(images, shape), null, manager.create(times), manager.create(noise, shape));
  }

  /** Each sample's image, noise and time. */
  void put(ByteBuffer out) {
    int pixels = images.length / times.length;
    for (int i = 0; i < times.length; i++) {
      put(out, Arrays.copyOfRange(images, i * pixels, (i + 1) * pixels));
      put(out, Arrays.copyOfRange(noise, i * pixels, (i + 1) * pixels));
      out.putFloat(times[i]);
    }
  }

  static void put(ByteBuffer out, float[] values) {
    for (float value : values) {
      out.putFloat(value);
    }
  }
}
