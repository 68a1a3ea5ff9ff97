package org.skerry.router;

import static java.util.Objects.requireNonNull;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import org.w3c.dom.NodeList;

/**
 * PNG files that carry text: {@code tEXt} chunks for Latin-1, {@code iTXt} for the rest (PNG
 * specification, third edition, section 11.3.3).
 */
public final class PngFile {
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
   * The text a file carries, by keyword.
   *
   * @throws IOException when it is no PNG file
   */
  public static Map<String, String> readText(Path path) throws IOException {
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    try (var stream = Files.newInputStream(path);
        ImageInputStream in = ImageIO.createImageInputStream(stream)) {
      reader.setInput(in, true);
      var root = (IIOMetadataNode) reader.getImageMetadata(0).getAsTree(FORMAT);
      var out = new LinkedHashMap<String, String>();
      collect(root.getElementsByTagName("tEXtEntry"), "value", out);
      collect(root.getElementsByTagName("iTXtEntry"), "text", out);
      return out;
    } finally {
      reader.dispose();
    }
  }

  private static void collect(NodeList nodes, String attribute, Map<String, String> out) {
    for (int i = 0; i < nodes.getLength(); i++) {
      var node = (IIOMetadataNode) nodes.item(i);
      out.put(node.getAttribute("keyword"), node.getAttribute(attribute));
    }
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
