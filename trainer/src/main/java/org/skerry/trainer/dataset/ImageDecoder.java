package org.skerry.trainer.dataset;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes JPEG and PNG into square RGB planes: header checked first, alpha composited on white,
 * centre square cut out, box-filtered to the wanted size.
 */
public final class ImageDecoder {
  private static final Set<String> FORMATS = Set.of("png", "jpeg");

  private final int size;
  private final ReadLimits limits;

  public ImageDecoder(int size, ReadLimits limits) {
    this.size = size;
    this.limits = limits;
  }

  /** How decoding one image ended. */
  public sealed interface Result permits Decoded, Refused {}

  /**
   * @param planes {@code [3, size, size]} bytes
   * @param sourceWidth width of the encoded image in pixels
   * @param sourceHeight height of the encoded image in pixels
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, not kept
  public record Decoded(byte[] planes, int sourceWidth, int sourceHeight) implements Result {}

  public record Refused(BadImage reason) implements Result {}

  public Result decode(byte[] encoded) {
    if (encoded.length > limits.maxImageBytes()) {
      return new Refused(BadImage.TOO_MANY_BYTES);
    }
    try (ImageInputStream input =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(input);
      while (readers.hasNext()) {
        ImageReader reader = readers.next();
        if (FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
          return decode(reader, input);
        }
        reader.dispose();
      }
      return new Refused(BadImage.UNDECODABLE);
    } catch (IOException e) {
      return new Refused(BadImage.UNDECODABLE);
    }
  }

  private Result decode(ImageReader reader, ImageInputStream input) {
    try {
      // Metadata may hold compressed chunks that inflate without bound; pixels alone are wanted.
      reader.setInput(input, true, true);
      int width = reader.getWidth(0);
      int height = reader.getHeight(0);
      if (!plausible(width, height)) {
        return new Refused(BadImage.ABSURD_DIMENSIONS);
      }
      BufferedImage image = reader.read(0);
      return new Decoded(toPlanes(image, size), width, height);
    } catch (IOException | RuntimeException e) {
      // ImageIO's readers answer hostile bytes with many kinds of unchecked exceptions.
      return new Refused(BadImage.UNDECODABLE);
    } finally {
      reader.dispose();
    }
  }

  private boolean plausible(int width, int height) {
    long longer = Math.max(width, height);
    long shorter = Math.min(width, height);
    return shorter >= 1
        && longer <= limits.maxSide()
        && (long) width * height <= limits.maxPixels()
        && longer <= shorter * limits.maxAspect();
  }

  /** Composites {@code image} on white and box-filters its centre square to {@code size}². */
  static byte[] toPlanes(BufferedImage image, int size) {
    int side = Math.min(image.getWidth(), image.getHeight());
    int left = (image.getWidth() - side) / 2;
    int top = (image.getHeight() - side) / 2;
    BufferedImage square = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = square.createGraphics();
    try {
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, side, side);
      graphics.drawImage(image, -left, -top, null);
    } finally {
      graphics.dispose();
    }
    int[] pixels = square.getRGB(0, 0, side, side, null, 0, side);
    byte[] planes = new byte[ImageSet.CHANNELS * size * size];
    for (int channel = 0; channel < ImageSet.CHANNELS; channel++) {
      int shift = 16 - 8 * channel;
      float[] plane = new float[side * side];
      for (int i = 0; i < plane.length; i++) {
        plane[i] = (pixels[i] >> shift) & 0xff;
      }
      float[] resized = BoxFilter.resize(plane, side, size);
      for (int i = 0; i < resized.length; i++) {
        planes[channel * size * size + i] = (byte) Math.clamp(Math.round(resized[i]), 0, 255);
      }
    }
    return planes;
  }
}
