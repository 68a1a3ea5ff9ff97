package org.skerry.board.dagcbor;

/** The numbers of RFC 8949, section 3, that DAG-CBOR keeps. */
final class Major {
  static final int UNSIGNED = 0;
  static final int NEGATIVE = 1;
  static final int BYTES = 2;
  static final int TEXT = 3;
  static final int LIST = 4;
  static final int MAP = 5;
  static final int TAG = 6;
  static final int SIMPLE = 7;

  /** Additional information that says how many bytes hold the argument. */
  static final int ONE_BYTE = 24;

  static final int TWO_BYTES = 25;
  static final int FOUR_BYTES = 26;
  static final int EIGHT_BYTES = 27;

  static final int FALSE = 0xf4;
  static final int TRUE = 0xf5;
  static final int NULL = 0xf6;
  static final int FLOAT64 = 0xfb;

  static final int LINK_TAG = 42;

  /** A link's byte string starts with the multibase prefix of raw binary. */
  static final int LINK_PREFIX = 0x00;

  private Major() {}
}
