package org.skerry.board.document;

import java.util.Locale;

/** A closed set whose members stand on the wire as lower-case text with hyphens. */
interface WireName {
  String name();

  default String wireName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static <E extends Enum<E> & WireName> E parse(Class<E> type, String field, String text) {
    for (E value : type.getEnumConstants()) {
      if (value.wireName().equals(text)) {
        return value;
      }
    }
    throw Bounds.outOfBounds(field + " is none of the values that this software knows");
  }
}
