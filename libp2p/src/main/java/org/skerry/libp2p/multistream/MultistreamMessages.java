package org.skerry.libp2p.multistream;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Optional;
import org.skerry.libp2p.multiformats.Varint;

/** Encodes and checks the messages: a varint length, text, and a newline that counts. */
public final class MultistreamMessages {
  /** The longest message, with its newline; a longer one is refused before it is read. */
  public static final int MAX_BYTES = 1024;

  static final String HEADER = "/multistream/1.0.0";

  /** The size of the first message, without its length. */
  public static final int GREETING_BYTES = HEADER.length() + 1;

  static final String NOT_AVAILABLE = "na";
  static final String LIST = "ls";

  private MultistreamMessages() {}

  /** Each of {@code lines} as one message, one after the other. */
  static byte[] encode(String... lines) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String line : lines) {
      write(out, line);
    }
    return out.toByteArray();
  }

  private static void write(ByteArrayOutputStream out, String line) {
    byte[] text = (line + "\n").getBytes(StandardCharsets.UTF_8);
    if (text.length > MAX_BYTES) {
      throw new IllegalArgumentException("protocol name of " + text.length + " bytes");
    }
    Varint.write(out, text.length);
    out.writeBytes(text);
  }

  /** The answer to {@code ls}: one message that holds a message for each protocol. */
  static byte[] encodeList(Collection<String> protocols) {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (String protocol : protocols) {
      if (lines.size() + protocol.length() * 3 + 4 > MAX_BYTES) {
        break; // what does not fit is not listed
      }
      write(lines, protocol);
    }
    lines.write('\n');
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Varint.write(out, lines.size());
    out.writeBytes(lines.toByteArray());
    return out.toByteArray();
  }

  /** The text of a message, or nothing when it breaks the form. */
  static Optional<String> line(byte[] message) {
    int last = message.length - 1;
    if (last < 1 || message.length > MAX_BYTES || message[last] != '\n') {
      return Optional.empty();
    }
    return Optional.of(new String(message, 0, last, StandardCharsets.UTF_8));
  }
}
