package org.skerry.trainer.dataset;

/** Raw planes of bytes, as the binary formats hold them, to samples. */
final class BytePlanes {
  private BytePlanes() {}

  /**
   * The centre square of an image at another size, box-filtered.
   *
   * @param bytes {@code [channels, height, width]}, one channel (grey) or three, from {@code
   *     offset} on
   * @param size of the result in pixels
   */
  static SampleValues.Pixels square(
      byte[] bytes, int offset, int channels, int height, int width, int size) {
    int side = Math.min(height, width);
    int top = (height - side) / 2;
    int left = (width - side) / 2;
    byte[] planes = new byte[ImageSet.CHANNELS * size * size];
    for (int channel = 0; channel < ImageSet.CHANNELS; channel++) {
      int to = channel * size * size;
      if (channel >= channels) {
        System.arraycopy(planes, 0, planes, to, size * size);
        continue;
      }
      float[] plane = new float[side * side];
      for (int y = 0; y < side; y++) {
        int from = offset + (channel * height + top + y) * width + left;
        for (int x = 0; x < side; x++) {
          plane[y * side + x] = bytes[from + x] & 0xff;
        }
      }
      float[] resized = BoxFilter.resize(plane, side, size);
      for (int i = 0; i < resized.length; i++) {
        planes[to + i] = (byte) Math.clamp(Math.round(resized[i]), 0, 255);
      }
    }
    return new SampleValues.Pixels(planes);
  }
}
