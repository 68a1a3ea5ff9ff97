package org.skerry.router;

import static java.util.Objects.requireNonNull;

import java.awt.image.BufferedImage;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;

/**
 * PNG files that carry text: {@code tEXt} chunks for Latin-1, {@code iTXt} for the rest (PNG
 * specification, third edition, section 11.3.3).
 */
public final class PngFile {
  private static final long SIGNATURE = 0x89504e470d0a1a0aL;
  private static final int MAX_TEXT_BYTES = 1 << 20;
  private static final String FORMAT = "javax_imageio_png_1.0";

  private PngFile() {}

  /**
   * Writes a picture, whole or not at all.
   *
   * @param text by keyword: 1 to 79 characters of Latin-1
   */
  public static void write(Path path, BufferedImage picture, Map<String, String> text)
      throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    Path target = path.toAbsolutePath();
    Path folder = requireNonNull(target.getParent(), "a file has a folder");
    Path part = Files.createTempFile(folder, target.getFileName() + ".", ".part");
    try {
      IIOMetadata metadata =
          writer.getDefaultImageMetadata(
              ImageTypeSpecifier.createFromRenderedImage(picture), writer.getDefaultWriteParam());
      metadata.mergeTree(FORMAT, tree(text));
      try (var stream = Files.newOutputStream(part);
          ImageOutputStream out = ImageIO.createImageOutputStream(stream)) {
        writer.setOutput(out);
        writer.write(new IIOImage(picture, null, metadata));
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      writer.dispose();
      Files.deleteIfExists(part);
    }
  }

  /**
   * The text a file carries, by keyword, as {@link #write} writes it: compressed text, which may
   * inflate without bound, is passed over.
   *
   * @throws IOException when it is no PNG file, is damaged, or carries more than a mebibyte of text
   */
  public static Map<String, String> readText(Path path) throws IOException {
    Map<String, String> out = new LinkedHashMap<>();
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
      if (in.readLong() != SIGNATURE) {
        throw new IOException("no PNG file");
      }
      int left = MAX_TEXT_BYTES;
      String type = "";
      while (!type.equals("IEND")) {
        int length = in.readInt();
        type = new String(in.readNBytes(4), StandardCharsets.ISO_8859_1);
        if (length < 0) {
          throw new IOException("a chunk of the PNG file is damaged");
        }
        if (type.equals("tEXt") || type.equals("iTXt")) {
          left -= length;
          if (left < 0) {
            throw new IOException("the PNG file carries more text than " + MAX_TEXT_BYTES);
          }
          byte[] data = in.readNBytes(length);
          CRC32 sum = new CRC32();
          sum.update(type.getBytes(StandardCharsets.ISO_8859_1));
          sum.update(data);
          if ((int) sum.getValue() != in.readInt()) {
            throw new IOException("a text of the PNG file is damaged");
          }
          text(type, data, out);
        } else {
          in.skipNBytes(length + 4L);
        }
      }
      return out;
    } catch (EOFException e) {
      throw new IOException("no whole PNG file", e);
    }
  }

  private static void text(String type, byte[] data, Map<String, String> out) {
    int keyword = end(data, 0);
    if (keyword >= data.length) {
      return;
    }
    int from = keyword + 1;
    if (type.equals("iTXt")) {
      if (from + 2 > data.length || data[from] != 0) {
        return; // compressed
      }
      from = end(data, end(data, from + 2) + 1) + 1;
    }
    if (from <= data.length) {
      out.put(
          new String(data, 0, keyword, StandardCharsets.ISO_8859_1),
          new String(
              data,
              from,
              data.length - from,
              type.equals("iTXt") ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1));
    }
  }

  /** Where the string from {@code from} on ends: at a zero byte, or with the data. */
  private static int end(byte[] data, int from) {
    int at = from;
    while (at < data.length && data[at] != 0) {
      at++;
    }
    return at;
  }

  private static IIOMetadataNode tree(Map<String, String> text) {
    var latin = new IIOMetadataNode("tEXt");
    var international = new IIOMetadataNode("iTXt");
    text.forEach((keyword, value) -> {
      if (keyword.isEmpty() || keyword.length() > 79 || !isLatin(keyword)) {
        throw new IllegalArgumentException("PNG keyword '" + keyword + "' is not allowed");
      }
      if (isLatin(value)) {
        var entry = new IIOMetadataNode("tEXtEntry");
        entry.setAttribute("keyword", keyword);
        entry.setAttribute("value", value);
        latin.appendChild(entry);
      } else {
        international.appendChild(internationalEntry(keyword, value));
      }
    });
    var root = new IIOMetadataNode(FORMAT);
    for (IIOMetadataNode node : new IIOMetadataNode[] {latin, international}) {
      if (node.hasChildNodes()) {
        root.appendChild(node);
      }
    }
    return root;
  }

  private static IIOMetadataNode internationalEntry(String keyword, String value) {
    var entry = new IIOMetadataNode("iTXtEntry");
    entry.setAttribute("keyword", keyword);
    entry.setAttribute("compressionFlag", "FALSE");
    entry.setAttribute("compressionMethod", "0");
    entry.setAttribute("languageTag", "");
    entry.setAttribute("translatedKeyword", "");
    entry.setAttribute("text", value);
    return entry;
  }

  private static boolean isLatin(String text) {
    return StandardCharsets.ISO_8859_1.newEncoder().canEncode(text);
  }
}
