package org.skerry.board.dagcbor;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.libp2p.multiformats.MultiformatException;

/** Reads values, and refuses every byte that {@link Encoder} would not have written. */
final class Decoder {
  private final ByteBuffer in;

  Decoder(byte[] bytes, int maxBytes) {
    if (bytes.length > maxBytes) {
      throw new BoardException(
          Refusal.TOO_LARGE, bytes.length + " bytes of DAG-CBOR, at most " + maxBytes + " allowed");
    }
    in = ByteBuffer.wrap(bytes);
  }

  Value readAll() {
    Value value = read(0);
    if (in.hasRemaining()) {
      throw notCanonical("there are " + in.remaining() + " trailing bytes");
    }
    return value;
  }

  private Value read(int depth) {
    if (depth > DagCbor.MAX_DEPTH) {
      throw new BoardException(
          Refusal.TOO_DEEP, "values nest deeper than " + DagCbor.MAX_DEPTH + " levels");
    }
    int initial = nextByte();
    int information = initial & 0x1f;
    return switch (initial >>> 5) {
      case Major.UNSIGNED -> new Value.IntValue(integer(information));
      case Major.NEGATIVE -> new Value.IntValue(-1 - integer(information));
      case Major.BYTES -> new Value.BytesValue(bytes(size(information)));
      case Major.TEXT -> new Value.TextValue(text(size(information)));
      case Major.LIST -> list(size(information), depth);
      case Major.MAP -> map(size(information), depth);
      case Major.TAG -> link(information);
      default -> simple(initial);
    };
  }

  private Value list(int size, int depth) {
    List<Value> items = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      items.add(read(depth + 1));
    }
    return new Value.ListValue(items);
  }

  private Value map(int size, int depth) {
    SortedMap<String, Value> entries = new TreeMap<>(Value.KEY_ORDER);
    for (int i = 0; i < size; i++) {
      int initial = nextByte();
      if (initial >>> 5 != Major.TEXT) {
        throw malformed("a map key is not text");
      }
      String key = text(size(initial & 0x1f));
      if (!entries.isEmpty() && Value.KEY_ORDER.compare(entries.lastKey(), key) >= 0) {
        throw notCanonical("map key '" + printable(key) + "' is out of order or doubled");
      }
      entries.put(key, read(depth + 1));
    }
    return new Value.MapValue(entries);
  }

  private Value link(int information) {
    long tag = argument(information);
    if (tag != Major.LINK_TAG) {
      throw malformed("tag " + Long.toUnsignedString(tag) + " is not 42");
    }
    int initial = nextByte();
    if (initial >>> 5 != Major.BYTES) {
      throw malformed("a link is not a byte string");
    }
    byte[] bytes = bytes(size(initial & 0x1f));
    if (bytes.length == 0 || bytes[0] != Major.LINK_PREFIX) {
      throw malformed("a link does not start with 0x00");
    }
    try {
      return new Value.LinkValue(Cid.ofBytes(Arrays.copyOfRange(bytes, 1, bytes.length)));
    } catch (MultiformatException e) {
      throw new BoardException(Refusal.MALFORMED, "a link holds no CID: " + e.getMessage(), e);
    }
  }

  private Value simple(int initial) {
    return switch (initial) {
      case Major.FALSE -> new Value.BoolValue(false);
      case Major.TRUE -> new Value.BoolValue(true);
      case Major.NULL -> new Value.NullValue();
      case Major.FLOAT64 -> real();
      default -> throw malformed("DAG-CBOR has no item 0x" + Integer.toHexString(initial));
    };
  }

  private Value real() {
    need(Long.BYTES);
    long bits = in.getLong();
    double number = Double.longBitsToDouble(bits);
    if (!Double.isFinite(number)) {
      throw notCanonical("a float is not finite");
    }
    if (bits == Long.MIN_VALUE) {
      throw notCanonical("a float is negative zero");
    }
    return new Value.RealValue(number);
  }

  private long integer(int information) {
    long argument = argument(information);
    if (argument < 0) {
      throw new BoardException(Refusal.TOO_LARGE, "an integer needs more than 64 bits with sign");
    }
    return argument;
  }

  /** A count of bytes or items: each needs at least one byte, so what is left bounds it. */
  private int size(int information) {
    long argument = argument(information);
    if (argument < 0 || argument > in.remaining()) {
      throw malformed(
          Long.toUnsignedString(argument)
              + " bytes or items with "
              + in.remaining()
              + " bytes left");
    }
    return (int) argument;
  }

  private long argument(int information) {
    if (information < Major.ONE_BYTE) {
      return information;
    }
    return switch (information) {
      case Major.ONE_BYTE -> minimal(nextByte(), Major.ONE_BYTE);
      case Major.TWO_BYTES -> {
        need(Short.BYTES);
        yield minimal(in.getShort() & 0xffffL, 0x100L);
      }
      case Major.FOUR_BYTES -> {
        need(Integer.BYTES);
        yield minimal(in.getInt() & 0xffff_ffffL, 0x1_0000L);
      }
      case Major.EIGHT_BYTES -> {
        need(Long.BYTES);
        yield minimal(in.getLong(), 0x1_0000_0000L);
      }
      default -> throw notCanonical("indefinite lengths are not DAG-CBOR");
    };
  }

  private static long minimal(long argument, long smallest) {
    if (Long.compareUnsigned(argument, smallest) < 0) {
      throw notCanonical(argument + " is written in more bytes than it needs");
    }
    return argument;
  }

  private String text(int size) {
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(in.slice(in.position(), size)).toString();
      in.position(in.position() + size);
      return text;
    } catch (CharacterCodingException e) {
      throw new BoardException(Refusal.MALFORMED, "text is not UTF-8", e);
    }
  }

  private byte[] bytes(int size) {
    byte[] out = new byte[size];
    in.get(out);
    return out;
  }

  private int nextByte() {
    need(1);
    return in.get() & 0xff;
  }

  private void need(int size) {
    if (in.remaining() < size) {
      throw malformed("the bytes end in the middle of a value");
    }
  }

  private static String printable(String key) {
    String head = key.length() <= 40 ? key : key.substring(0, 40) + "…";
    return head.replaceAll("\\p{Cntrl}", "?");
  }

  private static BoardException malformed(String message) {
    return new BoardException(Refusal.MALFORMED, message);
  }

  private static BoardException notCanonical(String message) {
    return new BoardException(Refusal.NOT_CANONICAL, message);
  }
}
