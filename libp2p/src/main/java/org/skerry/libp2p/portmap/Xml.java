package org.skerry.libp2p.portmap;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Reads the texts out of a document that a stranger wrote: no DTD, no entities but XML's five. */
final class Xml {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_LEAVES = 2048;
  private static final int MAX_TEXT = 1024;

  private Xml() {}

  /**
   * An element with text.
   *
   * @param parent the element around it, by its number in the document
   * @param parentName that one's name, like {@code name} without its namespace
   */
  record Leaf(int parent, String parentName, String name, String text) {}

  private record Open(int number, String name) {}

  /** All elements with text, in order; nothing when it is no such document. */
  static Optional<List<Leaf>> leaves(byte[] document) {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setXMLResolver((id, system, base, namespace) -> {
      throw new XMLStreamException("nothing is fetched");
    });
    // Of bytes that are no UTF-8 the parser would write to standard error.
    String text = new String(document, UTF_8);
    try {
      XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(text));
      try {
        return leaves(reader);
      } finally {
        reader.close();
      }
    } catch (XMLStreamException | RuntimeException e) {
      return Optional.empty(); // the parser's own, too, of which it throws some
    }
  }

  private static Optional<List<Leaf>> leaves(XMLStreamReader reader) throws XMLStreamException {
    List<Leaf> leaves = new ArrayList<>();
    Deque<Open> open = new ArrayDeque<>();
    StringBuilder text = new StringBuilder();
    int elements = 0;
    while (reader.hasNext()) {
      switch (reader.next()) {
        case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE -> {
          return Optional.empty();
        }
        case XMLStreamConstants.START_ELEMENT -> {
          if (open.size() == MAX_DEPTH) {
            return Optional.empty();
          }
          open.push(new Open(elements++, reader.getLocalName()));
          text.setLength(0);
        }
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
          int room = MAX_TEXT - text.length();
          String more = reader.getText();
          text.append(more, 0, Math.min(room, more.length()));
        }
        case XMLStreamConstants.END_ELEMENT -> {
          Open ended = open.pop();
          Open around = open.peek();
          if (around != null && !text.toString().isBlank()) {
            leaves.add(
                new Leaf(around.number(), around.name(), ended.name(), text.toString().strip()));
          }
          text.setLength(0);
          if (leaves.size() > MAX_LEAVES) {
            return Optional.empty();
          }
        }
        default -> {}
      }
    }
    return Optional.of(leaves);
  }

  /** The text of the first element of this name. */
  static Optional<String> first(List<Leaf> leaves, String name) {
    return leaves.stream().filter(leaf -> leaf.name().equals(name)).map(Leaf::text).findFirst();
  }

  /** What a stranger wrote as people may see it: one short line of letters and their like. */
  static String shown(String text) {
    String plain = text.replaceAll("[^\\p{L}\\p{N} .,:;()_/+-]", "").strip();
    return plain.length() > 60 ? plain.substring(0, 60) : plain;
  }
}
