package org.skerry.board.merge;

import java.util.Comparator;
import java.util.HexFormat;

/**
 * The place of a document on a board. Within a group the lower rank stays when there are more
 * documents than slots, and an owner has one slot, at the lowest of its ranks. All parts are
 * functions of one document (and of the task's charter), never of which other documents there are:
 * that makes the cut of a merge lawful.
 *
 * @param rank in hexadecimal, which sorts as the unsigned bytes do
 * @param owner whose slot it takes; the rank itself where each place is a slot
 */
record EntryKey(int group, String rank, String owner) implements Comparable<EntryKey> {
  private static final Comparator<EntryKey> ORDER =
      Comparator.comparingInt(EntryKey::group).thenComparing(EntryKey::rank);

  static EntryKey of(int group, byte[] rank) {
    String hex = HexFormat.of().formatHex(rank);
    return new EntryKey(group, hex, hex);
  }

  /** A place whose rank ends with its owner, so that two owners never share one. */
  static EntryKey owned(int group, byte[] rank, byte[] owner) {
    String owned = HexFormat.of().formatHex(owner);
    return new EntryKey(group, HexFormat.of().formatHex(rank) + owned, owned);
  }

  @Override
  public int compareTo(EntryKey other) {
    return ORDER.compare(this, other);
  }
}
