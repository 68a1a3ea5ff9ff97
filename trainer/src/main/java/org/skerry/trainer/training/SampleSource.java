package org.skerry.trainer.training;

import java.io.IOException;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.SampleFormat;

/** The samples of a run by number, in memory or on the disk. Thread-safe. */
public interface SampleSource extends AutoCloseable {
  int count();

  SampleFormat format();

  /**
   * Writes sample {@code index} as a network sees it to {@code target}, {@code [channels, size,
   * size]}.
   *
   * @throws IOException when it cannot be read
   */
  void read(int index, float[] target) throws IOException;

  @Override
  void close() throws IOException;

  /** Samples that are decoded already. */
  static SampleSource of(ImageSet images) {
    return new SampleSource() {
      @Override
      public int count() {
        return images.count();
      }

      @Override
      public SampleFormat format() {
        return images.format();
      }

      @Override
      public void read(int index, float[] target) {
        images.copyTo(index, target, 0);
      }

      @Override
      public void close() {}
    };
  }
}
