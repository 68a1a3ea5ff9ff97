package org.skerry.trainer.dataset;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBufferByte;
import java.awt.image.PixelInterleavedSampleModel;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Decodes JPEG and PNG into square RGB planes: header checked first, alpha composited on white,
 * centre square cut out, box-filtered to the wanted size. Thread-safe; each thread keeps its
 * readers.
 */
public final class ImageDecoder {
  private static final ThreadLocal<Map<Coding, ImageReader>> READERS =
      ThreadLocal.withInitial(() -> new EnumMap<>(Coding.class));

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
    Map<Coding, ImageReader> readers = READERS.get();
    Coding coding = Coding.of(encoded);
    if (coding == Coding.OTHER) {
      return new Refused(BadImage.UNDECODABLE);
    }
    ImageReader reader = readers.computeIfAbsent(coding, Coding::newReader);
    // What is decoded is small and held in memory already: reading it needs no cache, and the
    // readers cost more to make than to use.
    try (ImageInputStream input = new BytesImageInput(encoded)) {
      // Metadata may hold compressed chunks that inflate without bound; pixels alone are wanted.
      reader.setInput(input, true, true);
      int width = reader.getWidth(0);
      int height = reader.getHeight(0);
      if (!limits.plausible(width, height)) {
        reader.setInput(null);
        return new Refused(BadImage.ABSURD_DIMENSIONS);
      }
      BufferedImage image = reader.read(0);
      reader.setInput(null);
      return new Decoded(toPlanes(image, size), width, height);
    } catch (IOException | RuntimeException e) {
      // ImageIO's readers answer hostile bytes with many kinds of unchecked exceptions, and what
      // state they are left in is anybody's guess.
      readers.remove(coding);
      reader.dispose();
      return new Refused(BadImage.UNDECODABLE);
    }
  }

  /** What an image is encoded as, told by its first bytes. */
  private enum Coding {
    PNG("png", 0x89, 'P', 'N', 'G'),
    JPEG("jpeg", 0xff, 0xd8, 0xff),
    OTHER("");

    private final String format;
    private final int[] magic;

    Coding(String format, int... magic) {
      this.format = format;
      this.magic = magic;
    }

    static Coding of(byte[] encoded) {
      return PNG.begins(encoded) ? PNG : JPEG.begins(encoded) ? JPEG : OTHER;
    }

    private boolean begins(byte[] encoded) {
      boolean same = encoded.length >= magic.length;
      for (int i = 0; same && i < magic.length; i++) {
        same = (encoded[i] & 0xff) == magic[i];
      }
      return same;
    }

    ImageReader newReader() {
      return ImageIO.getImageReadersByFormatName(format).next();
    }
  }

  /** Composites {@code image} on white and box-filters its centre square to {@code size}². */
  static byte[] toPlanes(BufferedImage image, int size) {
    if (image.getWidth() == size && image.getHeight() == size && isPlainRgb(image)) {
      return copyOfPlanes(image, size);
    }
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

  /** Whether the bytes of red, green and blue can be taken as they lie. */
  private static boolean isPlainRgb(BufferedImage image) {
    ColorModel colours = image.getColorModel();
    return colours instanceof ComponentColorModel
        && !colours.hasAlpha()
        && colours.getColorSpace().isCS_sRGB()
        && image.getRaster().getNumBands() == ImageSet.CHANNELS
        && image.getRaster().getDataBuffer() instanceof DataBufferByte
        && image.getSampleModel() instanceof PixelInterleavedSampleModel;
  }

  private static byte[] copyOfPlanes(BufferedImage image, int size) {
    byte[] bytes = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    PixelInterleavedSampleModel model = (PixelInterleavedSampleModel) image.getSampleModel();
    byte[] planes = new byte[ImageSet.CHANNELS * size * size];
    for (int channel = 0; channel < ImageSet.CHANNELS; channel++) {
      int to = channel * size * size;
      for (int y = 0; y < size; y++) {
        int from = y * model.getScanlineStride() + model.getBandOffsets()[channel];
        for (int x = 0; x < size; x++) {
          planes[to++] = bytes[from];
          from += model.getPixelStride();
        }
      }
    }
    return planes;
  }
}
