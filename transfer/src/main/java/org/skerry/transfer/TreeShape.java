package org.skerry.transfer;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the nodes of an RFC 6962 tree stand when it is written level by level, leaves first, root
 * last. A node without a right neighbour rises unchanged to the next level, which gives the same
 * tree as the RFC's split at the largest power of two.
 *
 * @param leaves at least 1
 */
public record TreeShape(int leaves) {
  public TreeShape {
    if (leaves < 1 || leaves > BlobHead.MAX_CHUNKS) {
      throw new IllegalArgumentException(
          "a tree of " + leaves + " leaves, not 1.." + BlobHead.MAX_CHUNKS);
    }
  }

  /** The number of nodes on all levels. */
  public int nodes() {
    int sum = 1;
    for (int width = leaves; width > 1; width = above(width)) {
      sum += width;
    }
    return sum;
  }

  /** The position of the root. */
  public int root() {
    return nodes() - 1;
  }

  /** The way up from a leaf: one step for each level below the root. */
  public List<Step> path(int leaf) {
    if (leaf < 0 || leaf >= leaves) {
      throw new IndexOutOfBoundsException("leaf " + leaf + " not in 0.." + (leaves - 1));
    }
    List<Step> steps = new ArrayList<>();
    int base = 0;
    int at = leaf;
    for (int width = leaves; width > 1; width = above(width)) {
      int parent = base + width + at / 2;
      boolean isRight = (at & 1) == 1;
      if (isRight) {
        steps.add(new Step(Side.LEFT, base + at - 1, parent));
      } else if (at + 1 < width) {
        steps.add(new Step(Side.RIGHT, base + at + 1, parent));
      } else {
        steps.add(new Step(Side.NONE, -1, parent));
      }
      base += width;
      at /= 2;
    }
    return steps;
  }

  private static int above(int width) {
    return (width + 1) / 2;
  }

  /** On which side the sibling stands. */
  public enum Side {
    LEFT,
    RIGHT,
    /** No sibling: the node is its own parent. */
    NONE
  }

  /** One level of a way up: the sibling to combine with, and where the result stands. */
  public record Step(Side side, int sibling, int parent) {}
}
