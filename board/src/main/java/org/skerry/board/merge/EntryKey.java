package org.skerry.board.merge;

import java.util.Comparator;
import java.util.HexFormat;

/**
 * The place of a document on a board. Within a group the lower rank stays when there are more
 * documents than slots. Both parts are functions of who speaks about what (and of the task's
 * charter), never of which other documents there are: that makes the cut of a merge lawful.
 *
 * @param rank in hexadecimal, which sorts as the unsigned bytes do
 */
record EntryKey(int group, String rank) implements Comparable<EntryKey> {
  private static final Comparator<EntryKey> ORDER =
      Comparator.comparingInt(EntryKey::group).thenComparing(EntryKey::rank);

  static EntryKey of(int group, byte[] rank) {
    return new EntryKey(group, HexFormat.of().formatHex(rank));
  }

  @Override
  public int compareTo(EntryKey other) {
    return ORDER.compare(this, other);
  }
}
