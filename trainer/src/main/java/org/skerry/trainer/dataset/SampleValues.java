package org.skerry.trainer.dataset;

/** The values of one sample in memory, shared and never changed. */
sealed interface SampleValues {
  /** Writes them as a network sees them. */
  void copyTo(float[] target, int offset);

  /**
   * @param planes {@code [3, size, size]}
   */
  @SuppressWarnings("ArrayRecordComponent") // private to the package, which copies in and out
  record Pixels(byte[] planes) implements SampleValues {
    @Override
    public void copyTo(float[] target, int offset) {
      for (int i = 0; i < planes.length; i++) {
        target[offset + i] = (planes[i] & 0xff) / 127.5f - 1f;
      }
    }
  }

  /**
   * @param cells {@code [channels, size, size]}
   */
  @SuppressWarnings("ArrayRecordComponent") // private to the package, which copies in and out
  record Latent(float[] cells) implements SampleValues {
    @Override
    public void copyTo(float[] target, int offset) {
      System.arraycopy(cells, 0, target, offset, cells.length);
    }
  }
}
