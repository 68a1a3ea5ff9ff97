package org.skerry.board.merge;

import java.util.Arrays;

/**
 * The place of a document on a board. Within a group the lower rank stays when there are more
 * documents than slots. Both parts are functions of who speaks about what (and of the task's
 * charter), never of which other documents there are: that makes the cut of a merge lawful.
 */
record EntryKey(int group, byte[] rank) implements Comparable<EntryKey> {
  @Override
  public int compareTo(EntryKey other) {
    int byGroup = Integer.compare(group, other.group);
    return byGroup != 0 ? byGroup : Arrays.compareUnsigned(rank, other.rank);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EntryKey that && compareTo(that) == 0;
  }

  @Override
  public int hashCode() {
    return 31 * group + Arrays.hashCode(rank);
  }
}
