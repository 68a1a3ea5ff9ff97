package org.skerry.board.dagcbor;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.libp2p.multiformats.Cid;

/** Writes values; see {@link Major} for the bytes. */
final class Encoder {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  byte[] bytes() {
    return out.toByteArray();
  }

  void write(Value value, int depth) {
    if (depth > DagCbor.MAX_DEPTH) {
      throw new BoardException(
          Refusal.TOO_DEEP, "values nest deeper than " + DagCbor.MAX_DEPTH + " levels");
    }
    switch (value) {
      case Value.MapValue map -> {
        head(Major.MAP, map.entries().size());
        map.entries()
            .forEach((key, item) -> {
              text(key);
              write(item, depth + 1);
            });
      }
      case Value.ListValue list -> {
        head(Major.LIST, list.items().size());
        list.items().forEach(item -> write(item, depth + 1));
      }
      case Value.TextValue text -> text(text.text());
      case Value.BytesValue bytes -> bytes(bytes.bytes());
      case Value.IntValue number -> integer(number.number());
      case Value.RealValue number -> {
        out.write(Major.FLOAT64);
        out.writeBytes(
            ByteBuffer.allocate(Long.BYTES)
                .putLong(Double.doubleToRawLongBits(number.number()))
                .array());
      }
      case Value.BoolValue bool -> out.write(bool.truth() ? Major.TRUE : Major.FALSE);
      case Value.NullValue ignored -> out.write(Major.NULL);
      case Value.LinkValue link -> link(link.cid());
    }
  }

  private void link(Cid cid) {
    byte[] bytes = cid.bytes();
    head(Major.TAG, Major.LINK_TAG);
    head(Major.BYTES, bytes.length + 1L);
    out.write(Major.LINK_PREFIX);
    out.writeBytes(bytes);
  }

  private void integer(long number) {
    if (number >= 0) {
      head(Major.UNSIGNED, number);
    } else {
      head(Major.NEGATIVE, -1 - number);
    }
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    head(Major.TEXT, utf8.length);
    out.writeBytes(utf8);
  }

  private void bytes(byte[] bytes) {
    head(Major.BYTES, bytes.length);
    out.writeBytes(bytes);
  }

  private void head(int major, long argument) {
    int top = major << 5;
    if (argument < Major.ONE_BYTE) {
      out.write(top | (int) argument);
    } else if (argument <= 0xffL) {
      out.write(top | Major.ONE_BYTE);
      out.write((int) argument);
    } else if (argument <= 0xffffL) {
      out.write(top | Major.TWO_BYTES);
      out.writeBytes(ByteBuffer.allocate(Short.BYTES).putShort((short) argument).array());
    } else if (argument <= 0xffff_ffffL) {
      out.write(top | Major.FOUR_BYTES);
      out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt((int) argument).array());
    } else {
      out.write(top | Major.EIGHT_BYTES);
      out.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(argument).array());
    }
  }
}
