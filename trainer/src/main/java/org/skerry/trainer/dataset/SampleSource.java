package org.skerry.trainer.dataset;

import java.io.IOException;

/** The samples of a run by number, in memory or on the disk. Thread-safe. */
public interface SampleSource extends AutoCloseable {
  int count();

  SampleFormat format();

  /**
   * Writes sample {@code index} as a network sees it to {@code target}, {@code [channels, size,
   * size]}.
   *
   * @return the number of the sample that was written: one further on when {@code index} cannot be
   *     decoded
   * @throws IOException when it cannot be read, or too many cannot be decoded
   */
  int read(int index, float[] target) throws IOException;

  /** Samples that could not be decoded so far. */
  default int badCount() {
    return 0;
  }

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
      public int read(int index, float[] target) {
        images.copyTo(index, target, 0);
        return index;
      }

      @Override
      public void close() {}
    };
  }
}
