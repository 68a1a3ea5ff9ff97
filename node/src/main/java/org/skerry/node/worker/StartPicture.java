package org.skerry.node.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.router.Images;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.dataset.ImageDecoder;
import org.skerry.trainer.dataset.ReadLimits;

/**
 * The picture that others are made from, at the model's size.
 *
 * @param sha256 of the file, in hexadecimal
 */
record StartPicture(Images image, String sha256) {
  private static final int CHANNELS = 3;

  /**
   * Reads a PNG or JPEG file: its centre square, scaled.
   *
   * @throws TrainerException when it is none, or the model makes no pictures in colour
   */
  static StartPicture read(Path file, PulledEnsemble model) throws IOException {
    if (model.codec() == null && model.channels() != CHANNELS) {
      throw new TrainerException(
          Reason.BAD_CONFIG,
          "a model of %d channels cannot begin with a picture".formatted(model.channels()));
    }
    byte[] encoded = Files.readAllBytes(file);
    int size = model.pictureSize();
    return switch (new ImageDecoder(size, ReadLimits.DEFAULT).decode(encoded)) {
      case ImageDecoder.Decoded decoded ->
          new StartPicture(
              new Images(1, CHANNELS, size, values(decoded.planes())), sha256(encoded));
      case ImageDecoder.Refused refused ->
          throw new TrainerException(
              Reason.BAD_CONFIG,
              "the start image is no PNG or JPEG that can be used (%s)"
                  .formatted(refused.reason()));
    };
  }

  /** The same picture {@code count} times. */
  Images copies(int count) {
    int each = image.data().length;
    float[] all = new float[count * each];
    for (int i = 0; i < count; i++) {
      System.arraycopy(image.data(), 0, all, i * each, each);
    }
    return new Images(count, CHANNELS, image.size(), all);
  }

  private static float[] values(byte[] planes) {
    float[] out = new float[planes.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (planes[i] & 0xff) / 127.5f - 1;
    }
    return out;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
