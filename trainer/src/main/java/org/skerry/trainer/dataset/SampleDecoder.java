package org.skerry.trainer.dataset;

/** Decodes the samples of one format. Thread-safe. */
final class SampleDecoder {
  private final SampleFormat format;
  private final boolean exactSize;
  private final ImageDecoder images;
  private final LatentFile latents;

  /** How decoding one sample ended. */
  sealed interface Result {
    record Decoded(SampleValues values) implements Result {}

    record Refused(BadImage reason) implements Result {}
  }

  /**
   * @param exactSize whether images of another size are refused rather than resized
   */
  SampleDecoder(SampleFormat format, boolean exactSize, ReadLimits limits) {
    this.format = format;
    this.exactSize = exactSize;
    this.images = new ImageDecoder(format.size(), limits);
    this.latents = new LatentFile(format);
  }

  SampleFormat format() {
    return format;
  }

  Result decode(byte[] encoded) {
    return switch (format.kind()) {
      case PIXELS -> image(images.decode(encoded));
      case LATENTS -> latents.decode(encoded);
    };
  }

  private Result image(ImageDecoder.Result result) {
    return switch (result) {
      case ImageDecoder.Refused(BadImage reason) -> new Result.Refused(reason);
      case ImageDecoder.Decoded(byte[] planes, int width, int height) ->
          exactSize && (width != format.size() || height != format.size())
              ? new Result.Refused(BadImage.WRONG_SIZE)
              : new Result.Decoded(new SampleValues.Pixels(planes));
    };
  }
}
