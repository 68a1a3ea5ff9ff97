package org.skerry.board.document;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.libp2p.multiformats.Multihash;

/** The limits of section 4 of the protocol, checked where a record is made. */
final class Bounds {
  /** Exact in a double and in JSON, and beyond any clock: 2^53 − 1. */
  static final long MAX_COUNT = (1L << 53) - 1;

  private Bounds() {}

  static void range(String field, long value, long min, long max) {
    if (value < min || value > max) {
      throw outOfBounds(field + " " + value + " not in " + min + ".." + max);
    }
  }

  static void count(String field, long value) {
    range(field, value, 0, MAX_COUNT);
  }

  /** {@code min <= value <= max}; never NaN. */
  static double real(String field, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw outOfBounds(field + " " + value + " not in " + min + ".." + max);
    }
    return value == 0 ? 0.0 : value;
  }

  /** A measured number: what is not finite becomes NaN, which the wire leaves out. */
  static double measured(double value) {
    return !Double.isFinite(value) ? Double.NaN : value == 0 ? 0.0 : value;
  }

  static void size(String field, Collection<?> values, int min, int max) {
    range("number of " + field, values.size(), min, max);
  }

  /** One line of text for people's terminals: no control or bidirectional-override characters. */
  static void line(String field, String text, int maxBytes) {
    text(field, text, maxBytes);
    if (text.indexOf('\n') >= 0) {
      throw outOfBounds(field + " holds a line break");
    }
  }

  /** As {@link #line}, line feeds allowed. */
  static void text(String field, String text, int maxBytes) {
    // A char is at least one byte, so hostile lengths are refused before they are encoded.
    if (text.length() > maxBytes || text.getBytes(StandardCharsets.UTF_8).length > maxBytes) {
      throw new BoardException(
          Refusal.TOO_LARGE, field + " has more than " + maxBytes + " bytes of UTF-8");
    }
    text.chars()
        .filter(c -> c != '\n' && steersTerminal(c))
        .findFirst()
        .ifPresent(c -> {
          throw outOfBounds(field + " holds the character U+" + Integer.toHexString(c));
        });
  }

  private static boolean steersTerminal(int c) {
    return c < 0x20
        || (c >= 0x7f && c < 0xa0)
        || c == 0x2028
        || c == 0x2029
        || (c >= 0x202a && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069);
  }

  /** The name somebody types: lower-case letters, digits, dot, underscore and hyphen. */
  static void name(String field, String name) {
    if (!name.matches("[a-z0-9][a-z0-9._-]{0,63}")) {
      throw outOfBounds(
          field + " must be 1 to 64 of a-z, 0-9, '.', '_', '-' and start with a letter or a digit");
    }
  }

  static void blob(String field, Cid cid) {
    cid(field, cid, Cid.SKERRY_BLOB, "a blob");
  }

  static void document(String field, Cid cid) {
    cid(field, cid, Cid.DAG_CBOR, "a document");
  }

  private static void cid(String field, Cid cid, int codec, String what) {
    if (cid.codec() != codec || cid.hash().code() != Multihash.SHA2_256) {
      throw outOfBounds(field + " " + cid + " is not the id of " + what);
    }
  }

  static BoardException outOfBounds(String message) {
    return new BoardException(Refusal.OUT_OF_BOUNDS, message);
  }
}
