package org.skerry.trainer.duplicate;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which images of a dataset are copies of one another.
 *
 * @param images how many there are
 * @param groups of copies, each at least two images in ascending order, by their first image
 */
public record Duplicates(int images, List<Group> groups) {
  /**
   * Images that are copies of one another, directly or through others of the group.
   *
   * @param members at least two, ascending; the first one is the original that is kept
   * @param exact how many of the copies have all pixels of an earlier member
   */
  public record Group(List<Integer> members, int exact) {
    public Group {
      members = List.copyOf(members);
      if (members.size() < 2 || exact < 0 || exact >= members.size()) {
        throw new IllegalArgumentException(members.size() + " members, " + exact + " exact");
      }
    }

    /** Members beyond the first. */
    public int copies() {
      return members.size() - 1;
    }
  }

  public Duplicates {
    groups = List.copyOf(groups);
  }

  /** Copies with the very pixels of an image before them. */
  public int exactCopies() {
    return groups.stream().mapToInt(Group::exact).sum();
  }

  /** Copies that differ a little from the images before them. */
  public int nearCopies() {
    return groups.stream().mapToInt(group -> group.copies() - group.exact()).sum();
  }

  /** The images that stay when every group keeps its first member only, ascending. */
  public int[] originals() {
    boolean[] dropped = new boolean[images];
    for (Group group : groups) {
      group.members().stream().skip(1).forEach(i -> dropped[i] = true);
    }
    return IntStream.range(0, images).filter(i -> !dropped[i]).toArray();
  }

  /**
   * How many groups have members in more than one part.
   *
   * @param partOf the part of every image
   */
  public long groupsAcross(int... partOf) {
    return groups.stream()
        .filter(group -> group.members().stream().map(i -> partOf[i]).distinct().count() > 1)
        .count();
  }

  /** For every image the number of its group, or -1. */
  public int[] groupOf() {
    int[] groupOf = new int[images];
    Arrays.fill(groupOf, -1);
    for (int g = 0; g < groups.size(); g++) {
      for (int member : groups.get(g).members()) {
        groupOf[member] = g;
      }
    }
    return groupOf;
  }
}
